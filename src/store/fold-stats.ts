import { addedUp, NOTED_ATTEMPTS } from './count-attempts.ts';
import type { Queryable } from './pool.ts';

/** Of one statement. What costs is a row that is changed, four for each endpoint: attempts of the same are added up first. */
const MAX_GROUPS = 2_000;
const MAX_ATTEMPTS = 20_000;
const MAX_ENDPOINTS = 1_000;

const merged = (column: string): string => `(
  SELECT coalesce(jsonb_object_agg(key, n), '{}')
    FROM (SELECT key, sum(value::bigint) AS n
            FROM (SELECT * FROM jsonb_each_text(s.${column})
                  UNION ALL SELECT * FROM jsonb_each_text(excluded.${column})) both_of_them
           GROUP BY key) added)`;

/**
 * Those whose endpoint is gone were a deleted tenant's. In the order of the key, so that two who fold at once wait for
 * each other and not both.
 */
const FOLD = `
WITH oldest AS (
  SELECT ctid AS place, endpoint_ids FROM uncounted_attempts LIMIT ${MAX_GROUPS} FOR UPDATE SKIP LOCKED
), numbered AS (
  SELECT place, endpoint_ids, row_number() OVER () AS nth FROM oldest
), first_seen AS (
  SELECT nth, count(*) AS endpoints
    FROM (SELECT min(nth) AS nth FROM numbered CROSS JOIN LATERAL unnest(endpoint_ids) u (endpoint_id)
           GROUP BY endpoint_id) f
   GROUP BY nth
), summed AS (
  SELECT place, nth, sum(cardinality(endpoint_ids)) OVER so_far AS attempts,
         sum(coalesce(endpoints, 0)) OVER so_far AS endpoints
    FROM numbered LEFT JOIN first_seen USING (nth) WINDOW so_far AS (ORDER BY nth)
), noted AS (
  DELETE FROM uncounted_attempts
   WHERE ctid = ANY (ARRAY(
           SELECT place FROM summed
            WHERE nth = 1 OR (attempts <= ${MAX_ATTEMPTS} AND endpoints <= ${MAX_ENDPOINTS})))
  RETURNING *
), alike AS (
  SELECT endpoint_id, date_trunc('hour', started_at, 'UTC') AS hour, status_code, error_class, bucket, count(*) AS n
    FROM (${NOTED_ATTEMPTS}) a GROUP BY 1, 2, 3, 4, 5
), keyed AS (
  SELECT e.tenant_id, k.endpoint_id, k.per, k.starts_at, a.status_code, a.error_class, a.bucket, a.n
    FROM alike a JOIN endpoints e ON e.id = a.endpoint_id
   CROSS JOIN LATERAL (VALUES (a.endpoint_id, 'hour', a.hour), (a.endpoint_id, 'day', date_trunc('day', a.hour, 'UTC')),
                              ('*', 'hour', a.hour), ('*', 'day', date_trunc('day', a.hour, 'UTC'))
                      ) k (endpoint_id, per, starts_at)
), folded AS (
  INSERT INTO stats AS s (tenant_id, endpoint_id, per, starts_at, attempts, failed, status_codes, error_classes, durations)
  SELECT * FROM (${addedUp('keyed', 'tenant_id, endpoint_id, per, starts_at')}) added
   ORDER BY tenant_id, endpoint_id, per, starts_at
  ON CONFLICT (tenant_id, endpoint_id, per, starts_at) DO UPDATE
     SET attempts = s.attempts + excluded.attempts, failed = s.failed + excluded.failed,
         status_codes = ${merged('status_codes')}, error_classes = ${merged('error_classes')},
         durations = ${merged('durations')}
)
SELECT coalesce(sum(cardinality(endpoint_ids)), 0)::int AS attempts, count(*)::int AS groups FROM noted`;

export interface Folded {
  attempts: number;
  /** None: nothing is left. */
  groups: number;
}

/** Adds some of what has been noted to the statistics, once, whoever else does the same. */
export async function foldStats(db: Queryable): Promise<Folded> {
  const { rows } = await db.query<Folded>({ text: FOLD });
  return rows[0]!;
}
