/** What outcomes mean for the rows of their deliveries, beyond what is recorded with each attempt. */
import type { Outcome } from '../src/outcome.ts';
import { adoptDeliveries, cancelDeliveries } from '../src/store/delivery-state.ts';
import { deferDeliveries } from '../src/store/defer-deliveries.ts';
import { holdDeliveries } from '../src/store/hold-deliveries.ts';
import type { Queryable } from '../src/store/pool.ts';
import type { AttemptInput, AttemptOrder } from './types.ts';

/** Notes them, and changes those that turn out to be something else: another workflow's, held no longer, cancelled. */
export async function noteOutcomes(
  db: Queryable,
  workflowId: string,
  { orders, first }: AttemptInput,
  outcomes: Outcome[],
): Promise<void> {
  if (first) await adopt(db, workflowId, orders, outcomes);
  await hold(db, orders, outcomes);
  await cancel(db, orders, outcomes);
  await defer(db, orders, outcomes);
}

const idsOf = (kind: Outcome['kind'], orders: AttemptOrder[], outcomes: Outcome[]): string[] =>
  orders.filter((_, index) => outcomes[index]!.kind === kind).map((order) => order.id);

/** Its endpoint is gone, and the deletion has not seen it: accepted or attempted at the same moment. */
async function cancel(db: Queryable, orders: AttemptOrder[], outcomes: Outcome[]): Promise<void> {
  const cancelled = idsOf('cancelled', orders, outcomes);
  if (cancelled.length > 0) await cancelDeliveries(db, cancelled);
}

/** What turns out not to be held goes on without this workflow: a worker takes it up as it does what is new. */
async function hold(db: Queryable, orders: AttemptOrder[], outcomes: Outcome[]): Promise<void> {
  const held = idsOf('held', orders, outcomes);
  if (held.length === 0) return;
  const waiting = new Set(await holdDeliveries(db, held));
  orders.forEach((order, index) => {
    if (waiting.has(order.id)) outcomes[index] = { kind: 'foreign' };
  });
}

async function defer(db: Queryable, orders: AttemptOrder[], outcomes: Outcome[]): Promise<void> {
  const deferred = orders.flatMap(({ id }, index) => {
    const outcome = outcomes[index]!;
    return outcome.kind === 'deferred' ? [{ id, untilMs: outcome.untilMs }] : [];
  });
  if (deferred.length > 0) await deferDeliveries(db, deferred);
}

const wasRecorded = (outcome: Outcome): boolean => outcome.kind === 'attempt' && outcome.recorded;

/**
 * Notes this workflow on what it will go on carrying, and on what it has yet to write to the log. What another was
 * first to note is that one's.
 */
async function adopt(
  db: Queryable,
  workflowId: string,
  orders: AttemptOrder[],
  outcomes: Outcome[],
): Promise<void> {
  const goesOn = (outcome: Outcome) =>
    outcome.kind === 'waiting' ||
    outcome.kind === 'deferred' ||
    (outcome.kind === 'attempt' && (!outcome.recorded || (!outcome.succeeded && !outcome.gone)));
  const ids = orders.filter((_, index) => goesOn(outcomes[index]!)).map((order) => order.id);
  if (ids.length === 0) return;
  const ours = await adoptDeliveries(db, workflowId, ids);
  orders.forEach((order, index) => {
    const outcome = outcomes[index]!;
    if (!goesOn(outcome)) return;
    if (!ours.has(order.id)) outcomes[index] = { kind: 'foreign' };
    // Cancelled after its attempt and before this workflow could be told.
    else if (ours.get(order.id) === 'cancelled' && (outcome.kind !== 'attempt' || wasRecorded(outcome)))
      outcomes[index] = { kind: 'cancelled' };
  });
}
