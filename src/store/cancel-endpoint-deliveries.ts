import { OPEN, TRANSITIONS } from '../lifecycle.ts';
import type { CancelledDelivery } from './delivery-state.ts';
import { WAKE_LANES } from './lane-sql.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';

const { cancel } = TRANSITIONS;

/** Each branch has an index of its own, in which nothing is that has ended. */
const OF_ENDPOINT = [
  `workflow_id IS NULL AND claimed_by IS NULL AND status IN ${statusList(OPEN)}`,
  `workflow_id IS NULL AND claimed_by IS NOT NULL AND status IN ${statusList(OPEN)}
     AND claimed_by = ANY (ARRAY (SELECT id FROM processes))`,
  `workflow_id IS NOT NULL AND status IN ${statusList(OPEN)}`,
  `status = 'held'`,
].map((is) => `(SELECT id FROM deliveries WHERE endpoint_id = $1 AND ${is} LIMIT $2)`);

const TEXT = `
WITH unended AS (SELECT id FROM (${OF_ENDPOINT.join(' UNION ALL ')}) AS t LIMIT $2), released AS (
  UPDATE deliveries d SET status = '${cancel.to}', next_attempt_at = NULL, completed_at = now()
   WHERE d.id = ANY (ARRAY(SELECT id FROM unended)) AND d.status IN ${statusList(cancel.from)}
  RETURNING d.id, d.workflow_id, d.tenant_id, d.endpoint_id, d.lane_key
), ${WAKE_LANES}
SELECT id, workflow_id AS "workflowId" FROM released`;

/** Cancels up to `limit` deliveries of an endpoint that has been deleted. Returns them, and who carries them. */
export async function cancelEndpointDeliveries(
  db: Queryable,
  endpointId: string,
  limit: number,
): Promise<CancelledDelivery[]> {
  const { rows } = await db.query<CancelledDelivery>({
    name: 'cancel-endpoint-deliveries',
    text: TEXT,
    values: [endpointId, limit],
  });
  return rows;
}
