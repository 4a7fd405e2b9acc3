import { idRange } from '../ids.ts';
import { TRANSITIONS } from '../lifecycle.ts';
import { LANE_WORKFLOW } from './lane-sql.ts';
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';

const { hold } = TRANSITIONS;

/**
 * Whether the endpoint is disabled is asked of its row, under a lock, and not of what the process had cached: enabling
 * releases in the transaction that changes the row (endpoints.ts), so it finds all that was held before it, and nothing
 * is held after it.
 */
const TEXT = `
WITH paused AS (
  SELECT e.id FROM endpoints e
   WHERE e.id IN (SELECT endpoint_id FROM deliveries WHERE id = ANY ($1) AND id BETWEEN $2 AND $3)
     AND NOT e.enabled AND e.deleted_at IS NULL
   ORDER BY e.id FOR SHARE
), moved AS (
  UPDATE deliveries d
     SET status = CASE WHEN d.endpoint_id IN (SELECT id FROM paused) THEN '${hold.to}' ELSE d.status END,
         next_attempt_at = CASE WHEN d.endpoint_id IN (SELECT id FROM paused) THEN NULL ELSE d.next_attempt_at END,
         workflow_id = CASE WHEN d.endpoint_id IN (SELECT id FROM paused) THEN NULL ELSE ${LANE_WORKFLOW} END,
         claimed_by = NULL
   WHERE d.id = ANY ($1) AND d.id BETWEEN $2 AND $3 AND d.status IN ${statusList(hold.from)}
  RETURNING d.id, d.status
)
SELECT id, pg_notify('${CHANNELS.waiting}', '') FROM moved WHERE status <> '${hold.to}'`;

/**
 * These were not attempted because their endpoint seemed to be disabled. Where it is, they are held; where it is not any
 * more, or was deleted, they wait for a worker again, and the workers are told. Returns those that wait.
 */
export async function holdDeliveries(db: Queryable, ids: string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'hold-deliveries',
    text: TEXT,
    values: [ids, ...idRange(ids)],
  });
  return rows.map((row) => row.id);
}
