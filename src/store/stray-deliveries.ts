/** Deliveries whose keeper seems to have lost them. */
import type { Queryable } from './pool.ts';

/** Claimed by this process a while ago and carried by no workflow: it should have them in memory. */
export async function claimedLongAgo(
  db: Queryable,
  processId: number,
  olderThanId: string,
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'claimed-long-ago',
    text: `SELECT id FROM deliveries
            WHERE workflow_id IS NULL AND status IN ('pending', 'retrying') AND claimed_by = $1 AND id < $2
            LIMIT 5000`,
    values: [processId, olderThanId],
  });
  return rows.map((row) => row.id);
}

export async function unclaim(db: Queryable, ids: string[]): Promise<void> {
  await db.query({
    name: 'unclaim',
    text: 'UPDATE deliveries SET claimed_by = NULL WHERE id = ANY ($1) AND workflow_id IS NULL',
    values: [ids],
  });
}

/** Workflows that let a due time pass: alive and late, or gone. */
export async function overdueWorkflows(db: Queryable, lateSeconds: number): Promise<string[]> {
  const { rows } = await db.query<{ workflow_id: string }>({
    name: 'overdue-workflows',
    text: `SELECT workflow_id FROM (
             (SELECT workflow_id, next_attempt_at AS due_at FROM deliveries
               WHERE status = 'retrying' AND next_attempt_at < now() - make_interval(secs => $1)
                 AND workflow_id IS NOT NULL
               ORDER BY next_attempt_at LIMIT 2000)
             UNION ALL
             (SELECT workflow_id, created_at FROM deliveries
               WHERE status = 'pending' AND workflow_id IS NOT NULL
                 AND created_at < now() - make_interval(secs => $1)
               LIMIT 2000)) late
            GROUP BY workflow_id ORDER BY min(due_at) LIMIT 20`,
    values: [lateSeconds],
  });
  return rows.map((row) => row.workflow_id);
}
