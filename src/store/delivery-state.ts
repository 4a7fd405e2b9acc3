/** The small writes that move deliveries on without an attempt. Each takes a batch. */
import type { DeliveryStatus } from '../domain.ts';
import type { Queryable } from './pool.ts';

/** Notes which workflow carries these from now on; returns the status of those it does carry (another may have been first). */
export async function adoptDeliveries(
  db: Queryable,
  workflowId: string,
  ids: string[],
): Promise<Map<string, DeliveryStatus>> {
  const { rows } = await db.query<{ id: string; status: DeliveryStatus }>({
    name: 'adopt-deliveries',
    text: `UPDATE deliveries SET workflow_id = $1
            WHERE id = ANY ($2) AND (workflow_id IS NULL OR workflow_id = $1) RETURNING id, status`,
    values: [workflowId, ids],
  });
  return new Map(rows.map((row) => [row.id, row.status]));
}

/** The endpoint is paused: no workflow carries them until it is enabled again. */
export async function holdDeliveries(db: Queryable, ids: string[]): Promise<void> {
  await db.query({
    name: 'hold-deliveries',
    text: `UPDATE deliveries SET status = 'held', next_attempt_at = NULL, workflow_id = NULL, claimed_by = NULL
            WHERE id = ANY ($1) AND status IN ('pending', 'retrying')`,
    values: [ids],
  });
}

/** The endpoint is enabled again: what was held waits for a worker, oldest first. Returns how many. */
export async function releaseHeld(db: Queryable, endpointId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    text: `WITH released AS (
             UPDATE deliveries
                SET status = CASE WHEN attempt_count = 0 THEN 'pending' ELSE 'retrying' END,
                    next_attempt_at = CASE WHEN attempt_count = 0 THEN NULL ELSE now() END,
                    workflow_id = NULL, claimed_by = NULL
              WHERE endpoint_id = $1 AND status = 'held' RETURNING 1)
           SELECT count(*) AS count FROM released`,
    values: [endpointId],
  });
  return rows[0]?.count ?? 0;
}

/** Ends deliveries that have not been delivered. Returns those that were not ended before, and who carries them. */
export async function cancelDeliveries(
  db: Queryable,
  ids: string[],
): Promise<{ id: string; workflowId: string | null }[]> {
  const { rows } = await db.query<{ id: string; workflowId: string | null }>({
    name: 'cancel-deliveries',
    text: `UPDATE deliveries SET status = 'cancelled', next_attempt_at = NULL, completed_at = now()
            WHERE id = ANY ($1) AND status IN ('pending', 'retrying', 'held')
        RETURNING id, workflow_id AS "workflowId"`,
    values: [ids],
  });
  return rows;
}

/** The workflow that carried them is gone: the sweep finds them a new one. */
export async function orphanDeliveries(db: Queryable, workflowId: string): Promise<void> {
  await db.query({
    text: `UPDATE deliveries SET workflow_id = NULL, claimed_by = NULL
            WHERE workflow_id = $1 AND status IN ('pending', 'retrying')`,
    values: [workflowId],
  });
}

/** The workflow that carried them was ended by an operator: so are they. */
export async function cancelWorkflowDeliveries(db: Queryable, workflowId: string): Promise<void> {
  await db.query({
    text: `UPDATE deliveries SET status = 'cancelled', next_attempt_at = NULL, completed_at = now()
            WHERE workflow_id = $1 AND status IN ('pending', 'retrying')`,
    values: [workflowId],
  });
}
