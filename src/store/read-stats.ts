import type { Counts } from '../stats/counts.ts';
import type { Range } from '../stats/range.ts';
import { addedUp, NOTED_ATTEMPTS } from './count-attempts.ts';
import type { Queryable } from './pool.ts';

/** Whose: one of its endpoints', or of all that the tenant has or had. */
export interface StatsOf {
  tenantId: string;
  endpointIds: string[] | 'all';
}

export interface CountedInterval extends Counts {
  /** `*`: of all. */
  endpointId: string;
  startsAt: Date;
}

/**
 * Groups that are not folded yet and looked at: those of a minute at full speed. With more, the schedule that folds them
 * has not run for some time.
 */
const MAX_UNCOUNTED_GROUPS = 10_000;

const COLUMNS = `endpoint_id AS "endpointId", starts_at AS "startsAt", attempts::float8, failed::float8,
  status_codes AS "statusCodes", error_classes AS "errorClasses", durations`;

/** One statement, so one moment: what is being folded counts once. Of an interval there may be two parts. */
export async function readStats(
  db: Queryable,
  { tenantId, endpointIds }: StatsOf,
  { interval, from, to }: Range,
): Promise<CountedInterval[]> {
  const all = endpointIds === 'all';
  const { rows } = await db.query<CountedInterval>({
    text: `
      WITH noted AS (
        SELECT * FROM uncounted_attempts WHERE ${all ? `tenant_ids @> ARRAY[$1::text]` : `endpoint_ids && $2`}
         LIMIT ${MAX_UNCOUNTED_GROUPS}
      ), alike AS (
        SELECT endpoint_id, date_trunc($3::text, started_at, 'UTC') AS starts_at, status_code, error_class, bucket, count(*) AS n
          FROM (${NOTED_ATTEMPTS}) a
         WHERE started_at >= $4::timestamptz AND started_at < $5::timestamptz AND ${all ? 'tenant_id = $1' : 'endpoint_id = ANY ($2)'}
         GROUP BY 1, 2, 3, 4, 5
      ), own AS (
        SELECT ${all ? `'*'` : 'a.endpoint_id'} AS endpoint_id, a.starts_at, status_code, error_class, bucket, n
          FROM alike a CROSS JOIN LATERAL (
                 SELECT FROM endpoints e WHERE e.id = a.endpoint_id AND e.tenant_id = $1 OFFSET 0) e
      ), counted AS (
        SELECT s.* FROM unnest($2::text[]) AS w (endpoint_id) CROSS JOIN LATERAL (
          SELECT endpoint_id, starts_at, attempts, failed, status_codes, error_classes, durations FROM stats
           WHERE tenant_id = $1 AND endpoint_id = w.endpoint_id AND per = $3 AND starts_at >= $4 AND starts_at < $5
        ) s
      )
      SELECT ${COLUMNS} FROM counted
      UNION ALL SELECT ${COLUMNS} FROM (${addedUp('own', 'endpoint_id, starts_at')}) added`,
    values: [tenantId, all ? ['*'] : endpointIds, interval, from, to],
  });
  return rows;
}
