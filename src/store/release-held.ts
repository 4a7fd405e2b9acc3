import { TRANSITIONS } from '../lifecycle.ts';
import { LANE_WORKFLOW, WAKE_LANES } from './lane-sql.ts';
import type { Queryable } from './pool.ts';

const { release, resume } = TRANSITIONS;

/** Of `deliveries d`: what was held waits for a worker, or for its turn in its lane. */
const RELEASE = `
   SET status = CASE WHEN d.attempt_count = 0 THEN '${release.to}' ELSE '${resume.to}' END,
       next_attempt_at = CASE WHEN d.attempt_count = 0 THEN NULL ELSE now() END,
       workflow_id = ${LANE_WORKFLOW}, claimed_by = NULL`;

/** The endpoint is enabled: the oldest `limit` of what it held wait for a worker. Returns how many. */
export async function releaseHeld(db: Queryable, endpointId: string, limit: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'release-held',
    text: `WITH released AS (
             UPDATE deliveries d ${RELEASE}
              WHERE d.status = 'held'
                AND d.id = ANY (ARRAY(SELECT id FROM deliveries WHERE endpoint_id = $1 AND status = 'held'
                                       ORDER BY id LIMIT $2))
             RETURNING d.tenant_id, d.endpoint_id, d.lane_key
           ), ${WAKE_LANES}
           SELECT count(*) AS count FROM released`,
    values: [endpointId, limit],
  });
  return rows[0]!.count;
}

/** Of `endpoints e`: a workflow lets go what it holds (releases.ts). */
const IS_RELEASING = `e.release IS NOT NULL AND EXISTS (
  SELECT FROM releases r WHERE r.tenant_id = e.tenant_id AND r.endpoint_id = e.id)`;

/** Endpoints looked at in one call, and deliveries released. */
const ENDPOINTS_AT_ONCE = 50;
const DELIVERIES_AT_ONCE = 5_000;

/** From endpoint to endpoint through the index of what is held (a loose index scan), beginning after $1. */
const LOST_TEXT = `
WITH RECURSIVE holding AS (
  (SELECT endpoint_id, 1 AS n FROM deliveries WHERE status = 'held' AND endpoint_id > $1 ORDER BY endpoint_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.endpoint_id FROM deliveries d WHERE d.status = 'held' AND d.endpoint_id > h.endpoint_id
           ORDER BY d.endpoint_id LIMIT 1), h.n + 1
    FROM holding h WHERE h.endpoint_id IS NOT NULL AND h.n < $2
), wrong AS (
  SELECT h.endpoint_id FROM holding h
   WHERE NOT EXISTS (SELECT FROM endpoints e WHERE e.id = h.endpoint_id AND e.deleted_at IS NULL
                       AND (NOT e.enabled OR ${IS_RELEASING}))
), released AS (
  UPDATE deliveries d ${RELEASE}
   WHERE d.status = 'held'
     AND d.id = ANY (ARRAY(SELECT l.id FROM wrong w CROSS JOIN LATERAL (
                    SELECT id FROM deliveries WHERE endpoint_id = w.endpoint_id AND status = 'held'
                     ORDER BY id LIMIT $3) l LIMIT $3))
  RETURNING d.tenant_id, d.endpoint_id, d.lane_key
), ${WAKE_LANES}
SELECT (SELECT count(*) FROM released) AS count,
       (SELECT max(endpoint_id) FROM holding HAVING count(endpoint_id) = $2) AS next`;

/**
 * Releases what is held although its endpoint is enabled, or is gone (then its attempt finds that out, and cancels it).
 * Nothing should be; this is the net. Looks at some endpoints, those after `afterId`; `next` is where to go on, null at
 * the end.
 */
export async function releaseWronglyHeld(
  db: Queryable,
  afterId: string,
): Promise<{ count: number; next: string | null }> {
  const { rows } = await db.query<{ count: number; next: string | null }>({
    name: 'release-wrongly-held',
    text: LOST_TEXT,
    values: [afterId, ENDPOINTS_AT_ONCE, DELIVERIES_AT_ONCE],
  });
  return rows[0]!;
}
