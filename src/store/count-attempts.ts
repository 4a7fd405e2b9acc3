/** How attempts are counted: noted as they are written, and added up later. */
import { bucketSql } from '../stats/durations.ts';

/** A part of the statement that writes attempts, after `written`, which has those that had not been written before. */
export const COUNT_WRITTEN = `
  INSERT INTO uncounted_attempts (tenant_ids, endpoint_ids, started_at, duration_ms, status_codes, error_classes)
  SELECT array_agg(tenant_id), array_agg(endpoint_id), array_agg(started_at), array_agg(duration_ms::real), array_agg(status_code::smallint),
         array_agg(error_class)
    FROM written HAVING count(*) > 0`;

/** Attempts out of rows of `uncounted_attempts` that are called `noted`, each with the bucket of its duration. */
export const NOTED_ATTEMPTS = `
  SELECT i.tenant_id, i.endpoint_id, i.started_at, i.status_code, i.error_class, ${bucketSql('i.duration_ms')} AS bucket
    FROM noted CROSS JOIN LATERAL unnest(
           noted.tenant_ids, noted.endpoint_ids, noted.started_at, noted.duration_ms, noted.status_codes, noted.error_classes
         ) AS i (tenant_id, endpoint_id, started_at, duration_ms, status_code, error_class)`;

/**
 * Adds up `source`, which has the columns `key`, status_code, error_class, bucket and n, by the key: to the columns of
 * `stats`.
 */
export const addedUp = (source: string, key: string): string => `
  SELECT ${key}, sum(n) FILTER (WHERE what = 'bucket')::bigint AS attempts,
         coalesce(sum(n) FILTER (WHERE what = 'class'), 0)::bigint AS failed,
         ${objectOf('code')} AS status_codes, ${objectOf('class')} AS error_classes, ${objectOf('bucket')} AS durations
    FROM (SELECT ${key}, what, name, sum(n) AS n
            FROM ${source} CROSS JOIN LATERAL (
                   VALUES ('code', status_code::text), ('class', error_class), ('bucket', bucket::text)
                 ) v (what, name)
           WHERE name IS NOT NULL GROUP BY ${key}, what, name) by_name
   GROUP BY ${key}`;

const objectOf = (what: string): string =>
  `coalesce(jsonb_object_agg(name, n) FILTER (WHERE what = '${what}'), '{}')`;
