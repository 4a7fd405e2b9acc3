/** The small writes that move deliveries on without an attempt. Each takes a batch. */
import { idRange } from '../ids.ts';
import { TRANSITIONS, type DeliveryStatus } from '../lifecycle.ts';
import { WAKE_LANES } from './lane-sql.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';

const CANCEL = `SET status = '${TRANSITIONS.cancel.to}', next_attempt_at = NULL, completed_at = now()`;
const MAY_CANCEL = `status IN ${statusList(TRANSITIONS.cancel.from)}`;

/** Notes which workflow carries these from now on; returns the status of those it does carry (another may have been first). */
export async function adoptDeliveries(
  db: Queryable,
  workflowId: string,
  ids: string[],
): Promise<Map<string, DeliveryStatus>> {
  const { rows } = await db.query<{ id: string; status: DeliveryStatus }>({
    name: 'adopt-deliveries',
    text: `UPDATE deliveries SET workflow_id = $1
            WHERE id = ANY ($2) AND id BETWEEN $3 AND $4 AND (workflow_id IS NULL OR workflow_id = $1) RETURNING id, status`,
    values: [workflowId, ids, ...idRange(ids)],
  });
  return new Map(rows.map((row) => [row.id, row.status]));
}

export interface CancelledDelivery {
  id: string;
  workflowId: string | null;
}

/** Ends deliveries that have not been delivered. Returns those that were not ended before, and who carries them. */
export async function cancelDeliveries(db: Queryable, ids: string[]): Promise<CancelledDelivery[]> {
  const { rows } = await db.query<CancelledDelivery>({
    name: 'cancel-deliveries',
    text: `WITH released AS (
             UPDATE deliveries ${CANCEL} WHERE id = ANY ($1) AND id BETWEEN $2 AND $3 AND ${MAY_CANCEL}
             RETURNING id, workflow_id, tenant_id, endpoint_id, lane_key
           ), ${WAKE_LANES}
           SELECT id, workflow_id AS "workflowId" FROM released`,
    values: [ids, ...idRange(ids)],
  });
  return rows;
}
