/** Deliveries whose keeper seems to have lost them. */
import { idRange } from '../ids.ts';
import type { Queryable } from './pool.ts';
import { OPEN_LIST } from './status-sql.ts';

/** A place in the order in which claims are looked through. */
export interface ClaimedDelivery {
  id: string;
  endpointId: string;
}

export const FIRST_CLAIMED: ClaimedDelivery = { id: '', endpointId: '' };

/** Claimed by this process a while ago and carried by no workflow: it should have them in memory. Those after `after`. */
export async function claimedLongAgo(
  db: Queryable,
  look: { processId: number; olderThanId: string; after: ClaimedDelivery; limit: number },
): Promise<ClaimedDelivery[]> {
  const { processId, olderThanId, after, limit } = look;
  const { rows } = await db.query<ClaimedDelivery>({
    name: 'claimed-long-ago',
    text: `SELECT id, endpoint_id AS "endpointId" FROM deliveries
            WHERE workflow_id IS NULL AND claimed_by IS NOT NULL AND status IN ${OPEN_LIST}
              AND claimed_by = $1 AND id < $2 AND (endpoint_id, id) > ($3, $4)
            ORDER BY endpoint_id, id LIMIT $5`,
    values: [processId, olderThanId, after.endpointId, after.id, limit],
  });
  return rows;
}

export async function unclaim(db: Queryable, processId: number, ids: string[]): Promise<void> {
  await db.query({
    name: 'unclaim',
    text: `UPDATE deliveries SET claimed_by = NULL
            WHERE id = ANY ($1) AND id BETWEEN $2 AND $3 AND workflow_id IS NULL AND claimed_by = $4`,
    values: [ids, ...idRange(ids), processId],
  });
}
