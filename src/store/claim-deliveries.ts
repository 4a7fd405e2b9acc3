import type { Job } from '../dispatch/job.ts';
import type { Queryable } from './pool.ts';
import { jobFromRow, WORK_COLUMNS, type WorkRow } from './work-row.ts';

/**
 * Walks from endpoint to endpoint through the index of what no workflow carries (a loose index scan), takes a few
 * of each, and locks them past whoever else is doing the same. Unclaimed are rows without a process, of a process
 * in $2 (seen to be dead), or of one that is gone altogether.
 */
const TEXT = `
WITH RECURSIVE waiting_endpoint AS (
  (SELECT endpoint_id FROM deliveries
    WHERE workflow_id IS NULL AND status IN ('pending', 'retrying')
    ORDER BY endpoint_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.endpoint_id FROM deliveries d
           WHERE d.workflow_id IS NULL AND d.status IN ('pending', 'retrying') AND d.endpoint_id > w.endpoint_id
           ORDER BY d.endpoint_id LIMIT 1)
    FROM waiting_endpoint w WHERE w.endpoint_id IS NOT NULL
), taken AS (
  SELECT t.id FROM waiting_endpoint w
   CROSS JOIN LATERAL (
     SELECT d.id FROM deliveries d
      WHERE d.workflow_id IS NULL AND d.status IN ('pending', 'retrying') AND d.endpoint_id = w.endpoint_id
        AND d.endpoint_id <> ALL ($5::text[])
        AND (d.claimed_by IS NULL OR d.claimed_by = ANY ($2::bigint[])
             OR NOT EXISTS (SELECT 1 FROM processes p WHERE p.id = d.claimed_by))
      ORDER BY d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED) t
   WHERE w.endpoint_id IS NOT NULL
   LIMIT $4
), claimed AS (
  UPDATE deliveries d SET claimed_by = $1 FROM taken WHERE d.id = taken.id RETURNING d.*
)
SELECT ${WORK_COLUMNS} FROM claimed d JOIN events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id`;

export interface ClaimRequest {
  processId: number;
  deadProcessIds: number[];
  perEndpoint: number;
  limit: number;
  /** Endpoints this process has enough of already. */
  exceptEndpointIds: string[];
}

/** Takes deliveries that no workflow and no live process carries, a few of each endpoint at a time. */
export async function claimDeliveries(db: Queryable, request: ClaimRequest): Promise<Job[]> {
  const { rows } = await db.query<WorkRow>({
    name: 'claim-deliveries',
    text: TEXT,
    values: [
      request.processId,
      request.deadProcessIds,
      request.perEndpoint,
      request.limit,
      request.exceptEndpointIds,
    ],
  });
  return rows.map(jobFromRow).sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
}
