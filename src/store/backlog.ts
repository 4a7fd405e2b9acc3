import { createdAtMs } from '../ids.ts';
import type { Queryable } from './pool.ts';
import { OPEN_LIST } from './status-sql.ts';

/** What waits in the table, as of now. Counts stop at {@link COUNT_LIMIT}: beyond it, only that it is more matters. */
export interface Backlog {
  /** Open deliveries that no workflow carries: in memory somewhere, or waiting for room. */
  waiting: number;
  /** Age of the oldest of them; 0 when there is none. */
  oldestSeconds: number;
  /** Retries whose time was over a minute ago. */
  overdue: number;
}

const COUNT_LIMIT = 20_000;
/** The oldest of each endpoint is looked at, of so many endpoints. */
const ENDPOINT_LIMIT = 5_000;

const NO_WORKFLOW = `workflow_id IS NULL AND status IN ${OPEN_LIST}`;
const UNCLAIMED = `${NO_WORKFLOW} AND claimed_by IS NULL`;

/**
 * What nobody has claimed, from endpoint to endpoint through its index: its size does not matter, the number of endpoints
 * does. What processes hold is little.
 */
const TEXT = `
WITH RECURSIVE head AS (
  (SELECT endpoint_id, status, id FROM deliveries WHERE ${UNCLAIMED} ORDER BY endpoint_id, status, id LIMIT 1)
  UNION ALL
  SELECT n.endpoint_id, n.status, n.id FROM head h CROSS JOIN LATERAL (
    SELECT endpoint_id, status, id FROM deliveries
     WHERE ${UNCLAIMED} AND (endpoint_id, status) > (h.endpoint_id, h.status)
     ORDER BY endpoint_id, status, id LIMIT 1) n
), held AS MATERIALIZED (
  SELECT id FROM deliveries WHERE ${NO_WORKFLOW} AND claimed_by IS NOT NULL LIMIT ${COUNT_LIMIT}
)
SELECT least(${COUNT_LIMIT}, (SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE ${UNCLAIMED} LIMIT ${COUNT_LIMIT}) w) + (SELECT count(*) FROM held))::int AS waiting,
       (SELECT min(id) FROM ((SELECT id FROM head LIMIT ${ENDPOINT_LIMIT}) UNION ALL SELECT id FROM held) h) AS "oldestId",
       (SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE status = 'retrying'
           AND workflow_id IS NOT NULL AND next_attempt_at < now() - interval '1 minute' LIMIT ${COUNT_LIMIT}) o)::int AS overdue`;

export async function readBacklog(db: Queryable): Promise<Backlog> {
  const { rows } = await db.query<{ waiting: number; oldestId: string | null; overdue: number }>({
    name: 'read-backlog',
    text: TEXT,
  });
  const { waiting, oldestId, overdue } = rows[0]!;
  const oldestSeconds = oldestId === null ? 0 : Math.max(0, Date.now() - createdAtMs(oldestId)) / 1000;
  return { waiting, oldestSeconds, overdue };
}
