import { lowestDeliveryIdAt } from '../ids.ts';
import type { Queryable } from './pool.ts';
import { OPEN_LIST } from './status-sql.ts';

export interface WaitingEndpoint {
  tenantId: string;
  endpointId: string;
}

/** From endpoint to endpoint through the index of what nobody has claimed: however much waits for one costs nothing. */
const TEXT = `
WITH RECURSIVE waiting AS (
  (SELECT endpoint_id, tenant_id FROM deliveries
    WHERE workflow_id IS NULL AND claimed_by IS NULL AND status IN ${OPEN_LIST} AND endpoint_id > $1 AND id >= $2
    ORDER BY endpoint_id LIMIT 1)
  UNION ALL
  SELECT n.endpoint_id, n.tenant_id FROM waiting w CROSS JOIN LATERAL (
    SELECT d.endpoint_id, d.tenant_id FROM deliveries d
     WHERE d.workflow_id IS NULL AND d.claimed_by IS NULL AND d.status IN ${OPEN_LIST}
       AND d.endpoint_id > w.endpoint_id AND d.id >= $2
     ORDER BY d.endpoint_id LIMIT 1) n
)
SELECT tenant_id AS "tenantId", endpoint_id AS "endpointId" FROM waiting LIMIT $3`;

export interface Look {
  /** The last endpoint that is known. */
  afterId: string;
  /** Only for deliveries made since then. Null: for all. */
  since: Date | null;
  limit: number;
}

/** Endpoints with deliveries that wait for a worker, by id. */
export async function waitingEndpoints(db: Queryable, look: Look): Promise<WaitingEndpoint[]> {
  const values = [look.afterId, look.since ? lowestDeliveryIdAt(look.since) : '', look.limit];
  return (await db.query<WaitingEndpoint>({ name: 'waiting-endpoints', text: TEXT, values })).rows;
}
