import {
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, UnrecordedAttempt } from '../activities/types.ts';
import { fromWire } from '../activities/types.ts';
import { finishedAtMs } from '../src/outcome.ts';
import {
  applyOutcome,
  byEndpoint,
  createMembers,
  describe,
  isOver,
  nextWakeMs,
  orderFor,
  outcomeValues,
  stateOf,
  wantsAttempt,
  type Member,
} from './members.ts';
import { cancelDelivery, retryNow, searchAttributes, stateQuery, type DeliveryInput } from './messages.ts';

/** Attempts return what the receiver did; what fails here is ours (database away, process gone), so: again. */
const OURS_TO_RETRY = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
} as const;

/** The first round is in the same process and usually made already: no task queue, no waiting. */
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 minutes', retry: OURS_TO_RETRY });

/**
 * Carries a set of deliveries (normally one) until each is delivered, its schedule is used up, or it is cancelled.
 * Loop: attempt what is due; wait for the next due time, a manual retry or a cancellation.
 */
export async function delivery(input: DeliveryInput): Promise<Record<string, number>> {
  const members = createMembers(input);
  const byId = new Map(members.map((member) => [member.id, member]));
  const remote = proxyActivities<Activities>({
    taskQueue: `${workflowInfo().taskQueue}-attempts`,
    startToCloseTimeout: '6 hours',
    heartbeatTimeout: '10 seconds',
    retry: OURS_TO_RETRY,
  });
  /** Retries asked for after an attempt that was made ahead and is not heard of here yet: they follow it. */
  const early = new Map<string, number>();
  let begun = false;
  /** A workflow's clock stands still during a local activity; what the attempts report is later than it. */
  let knownMs = 0;
  let changed = false;
  let fault: unknown;

  setHandler(retryNow, ({ deliveryId, after = 0 }) => {
    const member = byId.get(deliveryId);
    if (!member) return;
    const attemptIsComing = member.busy || (!begun && member.result === null);
    if (after > member.attempts && attemptIsComing) early.set(deliveryId, after);
    else {
      member.attempts = Math.max(member.attempts, after);
      member.manual = true;
    }
    changed = true;
  });
  setHandler(cancelDelivery, ({ deliveryId }) => {
    const member = byId.get(deliveryId);
    if (!member) return;
    early.delete(deliveryId);
    member.manual = false;
    member.cancelled = changed = true;
  });
  setHandler(stateQuery, () => members.map(stateOf));

  async function round(group: Member[], activities: Activities, first: boolean): Promise<void> {
    const orders = group.map((member) => {
      const order = orderFor(member);
      if (first && member.dueAtMs !== null && member.dueAtMs > 0 && !member.manual) order.waiting = true;
      else member.manual = false;
      member.busy = true;
      return order;
    });
    const result = await activities.attempt(first ? { orders, first: true } : { orders });
    const unrecorded: UnrecordedAttempt[] = [];
    fromWire(result).forEach((outcome, index) => {
      const member = group[index]!;
      member.busy = false;
      if (outcome.kind === 'attempt') knownMs = Math.max(knownMs, finishedAtMs(outcome));
      const left = applyOutcome(member, outcome);
      if (left) unrecorded.push(left);
      const after = early.get(member.id);
      if (after === undefined) return;
      early.delete(member.id);
      member.attempts = Math.max(member.attempts, after);
      member.manual = true;
    });
    if (unrecorded.length > 0) await remote.recordAttempts({ attempts: unrecorded });
  }

  function launch(group: Member[]): void {
    round(group, remote, false)
      .catch((error: unknown) => (fault = error))
      .finally(() => (changed = true));
  }

  /** Returns those that had not ended. The API has noted them already, whoever signals from elsewhere has not. */
  function endCancelled(): string[] {
    const ids: string[] = [];
    for (const member of members) {
      if (!member.cancelled || member.busy) continue;
      if (member.result === null) ids.push(member.id);
      member.result ??= 'cancelled';
      member.dueAtMs = null;
      member.cancelled = false;
    }
    return ids;
  }

  try {
    const fresh = members.filter((member) => member.result === null);
    begun = true;
    if (fresh.length > 0) await round(fresh, local, true);
    for (;;) {
      if (fault) throw fault;
      const cancelled = endCancelled();
      if (cancelled.length > 0) {
        await remote.cancelDeliveries({ ids: cancelled });
        continue;
      }
      const now = Math.max(Date.now(), knownMs);
      byEndpoint(members.filter((member) => wantsAttempt(member, now))).forEach(launch);
      setCurrentDetails(describe(members));
      if (members.every(isOver)) break;
      changed = false;
      const wakeAt = nextWakeMs(members);
      if (wakeAt === null) await condition(() => changed);
      else await condition(() => changed, Math.max(1, wakeAt - now));
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const ids = members.filter((member) => member.result === null).map((member) => member.id);
    await CancellationScope.nonCancellable(() => remote.cancelDeliveries({ ids }));
    throw error;
  }
  const values = outcomeValues(members);
  if (!input.succeeded && values.length > 0)
    upsertSearchAttributes([{ key: searchAttributes.outcome, value: values }]);
  return tally(members);
}

/** How many ended how: the workflow's result. */
function tally(members: Member[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of members) counts[result ?? 'unknown'] = (counts[result ?? 'unknown'] ?? 0) + 1;
  return counts;
}
