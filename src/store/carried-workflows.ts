/** Delivery workflows that carry what has not ended, a page at a time; and what becomes of deliveries whose workflow is gone. */
import { TRANSITIONS } from '../lifecycle.ts';
import type { Queryable } from './pool.ts';
import { OPEN_LIST, statusList } from './status-sql.ts';

/** A place in the order of due times: behind this time, and at this time behind this workflow. Times as Postgres writes them. */
export interface Place {
  dueAt: string;
  workflowId: string;
}

export interface CarriedWorkflow extends Place {
  isLate: boolean;
}

/** In the order of due times, and once for each time; late is what was due so many seconds ago. */
export async function retryingWorkflows(
  db: Queryable,
  after: Place | null,
  lateSeconds: number,
  limit: number,
): Promise<CarriedWorkflow[]> {
  const { rows } = await db.query<CarriedWorkflow>({
    name: 'retrying-workflows',
    text: `SELECT workflow_id AS "workflowId", next_attempt_at::text AS "dueAt",
                  next_attempt_at < now() - make_interval(secs => $3) AS "isLate"
             FROM deliveries
            WHERE status = 'retrying' AND workflow_id IS NOT NULL AND lane_key IS NULL
              AND (next_attempt_at, workflow_id) > ($1::timestamptz, $2)
            ORDER BY next_attempt_at, workflow_id LIMIT $4`,
    values: [after?.dueAt ?? '-infinity', after?.workflowId ?? '', lateSeconds, limit],
  });
  return rows;
}

/** What was carried before its first attempt was recorded, by delivery id. There is little of it. */
export async function pendingWorkflows(
  db: Queryable,
  afterId: string,
  beforeId: string,
  limit: number,
): Promise<{ id: string; workflowId: string }[]> {
  const { rows } = await db.query<{ id: string; workflowId: string }>({
    name: 'pending-workflows',
    text: `SELECT id, workflow_id AS "workflowId" FROM deliveries
            WHERE status = 'pending' AND workflow_id IS NOT NULL AND lane_key IS NULL AND id > $1 AND id < $2
            ORDER BY id LIMIT $3`,
    values: [afterId, beforeId, limit],
  });
  return rows;
}

/** The workflows that carried them are gone: they wait for others. Returns how many deliveries that are. */
export async function orphanDeliveries(db: Queryable, workflowIds: string[]): Promise<number> {
  const { rowCount } = await db.query({
    name: 'orphan-deliveries',
    text: `UPDATE deliveries SET workflow_id = NULL, claimed_by = NULL
            WHERE workflow_id = ANY ($1) AND status IN ${statusList(TRANSITIONS.orphan.from)}`,
    values: [workflowIds],
  });
  return rowCount ?? 0;
}

/** The workflows that carried them were ended by an operator: so are they. */
export async function cancelWorkflowDeliveries(db: Queryable, workflowIds: string[]): Promise<void> {
  await db.query({
    text: `UPDATE deliveries SET status = '${TRANSITIONS.cancel.to}', next_attempt_at = NULL, completed_at = now()
            WHERE workflow_id = ANY ($1) AND status IN ${OPEN_LIST}`,
    values: [workflowIds],
  });
}
