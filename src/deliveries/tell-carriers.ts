import { isLane } from '../ids.ts';
import type { DeliveryWorkflows } from '../temporal/workflows.ts';

export interface Cancelled {
  id: string;
  /** Null: none carries it. */
  workflowId: string | null;
}

const TOLD_AT_ONCE = 8;

/**
 * Tells the workflows that carry these that they are cancelled, `limit` of them at most. Returns how many were told. A courtesy: one
 * that is not told finds the row cancelled, or gone, at its next step. Throws with the first that cannot be told: Temporal
 * is away then, and the others would have to be waited for in vain.
 */
export async function tellCarriers(
  workflows: Pick<DeliveryWorkflows, 'signalCancel'>,
  cancelled: Cancelled[],
  { limit = Infinity, onTold = () => {} }: { limit?: number; onTold?: () => void } = {},
): Promise<number> {
  const orders = ordersOf(cancelled).slice(0, limit);
  for (let from = 0; from < orders.length; from += TOLD_AT_ONCE) {
    const group = orders.slice(from, from + TOLD_AT_ONCE);
    await Promise.all(group.map(({ workflowId, ids }) => workflows.signalCancel(workflowId, ids)));
    onTold();
  }
  return orders.length;
}

function ordersOf(cancelled: Cancelled[]): { workflowId: string; ids: string[] }[] {
  const byWorkflow = new Map<string, string[]>();
  for (const { id, workflowId } of cancelled) {
    // Lanes are looked at anyway.
    if (workflowId === null || isLane(workflowId)) continue;
    const ids = byWorkflow.get(workflowId);
    if (ids) ids.push(id);
    else byWorkflow.set(workflowId, [id]);
  }
  return [...byWorkflow].map(([workflowId, ids]) => ({ workflowId, ids }));
}
