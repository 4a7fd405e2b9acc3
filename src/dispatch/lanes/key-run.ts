import { setTimeout as sleep } from 'node:timers/promises';
import { laneOf } from '../../ids.ts';
import { standingAfter, type AttemptOutcome, type Outcome } from '../../outcome.ts';
import { cancelDeliveries } from '../../store/delivery-state.ts';
import { holdDeliveries } from '../../store/hold-deliveries.ts';
import { loadLaneRun, type InLane } from '../../store/load-lane-run.ts';
import type { Queryable } from '../../store/pool.ts';
import type { Attempts } from '../attempts.ts';
import type { LaneHead } from '../../store/lane-heads.ts';
import type { Job } from '../job.ts';
import type { RetryRoom } from '../retry-room.ts';
import type { LaneFailure, LaneOrder, LaneTally } from '../../lane-run.ts';
import type { UnrecordedAttempt } from '../../../activities/types.ts';

export interface KeyRunDeps {
  db: Queryable;
  attempts: Attempts;
  retryRoom: RetryRoom;
}

/** What the runs of a lane's keys share. */
export interface LaneState {
  order: LaneOrder;
  tally: LaneTally;
  failures: LaneFailure[];
  unrecorded: UnrecordedAttempt[];
  /** Retries asked for by hand that are still to be made. */
  manual: Set<string>;
  /** Heads that found no room at the gate: asked for again then (Unix ms). */
  deferred: Map<string, number>;
  /** Cancelled since it was loaded. */
  isCancelled(deliveryId: string): boolean;
  /** Nothing new is to be begun. */
  ending(): boolean;
  /** Nothing is to be begun any more by this run. */
  stop(): void;
  /** Something was delivered, or has ended. */
  onStep(): void;
}

/** Loaded at a time. */
const ROWS = 64;
const BYTES = 128 << 10;
const MAX_FAILURES = 20;
/** What a process believes of an endpoint may be behind for a moment. */
const BEHIND_MS = 100;

/**
 * Delivers what has not ended of a key, one after the other, each recorded before the next is begun; until none is left, or
 * the first one has to wait.
 */
export async function runKey(deps: KeyRunDeps, state: LaneState, key: string): Promise<void> {
  const { endpointId } = state.order;
  for (;;) {
    const rows = await loadLaneRun(deps.db, { endpointId, key }, { rows: ROWS, bytes: BYTES });
    if (rows.length === 0) return;
    for (const [index, row] of rows.entries()) {
      if (state.ending()) return;
      const step = await take(deps, state, row, () => rows.slice(index).map(({ deliveryId }) => deliveryId));
      if (step === 'wait') return;
      state.onStep();
      if (step === 'look again') break;
    }
  }
}

type Head = Pick<LaneHead, 'deliveryId' | 'status' | 'dueAtMs'>;

/** `next`: it has ended. `wait`: it has not, and what is behind it waits. */
type Step = 'next' | 'wait' | 'look again';

async function take(
  deps: KeyRunDeps,
  state: LaneState,
  { deliveryId, job }: InLane,
  fromHere: () => string[],
): Promise<Step> {
  if (!job || state.isCancelled(deliveryId)) return cancel(deps, state, deliveryId);
  if (readyAtMs(state, { deliveryId, status: job.status, dueAtMs: job.nextAttemptAtMs }) > Date.now())
    return 'wait';
  const outcome = await attempt(deps, state, job);
  switch (outcome.kind) {
    case 'attempt':
      return settle(state, job, outcome);
    case 'held':
      return hold(deps, state, fromHere());
    case 'cancelled':
      return cancel(deps, state, deliveryId);
    case 'deferred':
      state.deferred.set(deliveryId, outcome.untilMs);
      return 'wait';
    case 'underWay':
    case 'foreign':
    case 'missing':
    case 'waiting':
      // Others took this process for dead, or the task was given to another.
      state.stop();
      return 'wait';
  }
}

/** When the first of a key may be attempted (Unix ms). By hand it may be at any time, once it finds room; held, at none else. */
export function readyAtMs({ manual, deferred }: LaneState, head: Head): number {
  const { deliveryId, status, dueAtMs } = head;
  const deferredUntilMs = deferred.get(deliveryId) ?? 0;
  if (manual.has(deliveryId)) return deferredUntilMs;
  return status === 'held' ? Infinity : Math.max(dueAtMs ?? 0, deferredUntilMs);
}

/** Through the one place that makes attempts. A slot at the gate is waited for as patiently as by any retry. */
async function attempt(deps: KeyRunDeps, state: LaneState, job: Job): Promise<Outcome> {
  const { attempts, retryRoom } = deps;
  const { deliveryId, number } = job;
  const isManual = state.manual.delete(deliveryId);
  const patience = isManual ? null : retryRoom.begin();
  try {
    const exhausted = patience?.waitFor(state.order.tenantId, job.nextAttemptAtMs ?? Date.now());
    const made = attempts.run({
      job,
      trigger: isManual ? 'manual' : job.trigger,
      chooseWorkflow: () => laneOf(job.endpointId),
    });
    const first = await (exhausted ? Promise.race([made, exhausted]) : made);
    const isInVain = typeof first === 'number' && attempts.giveUp(deliveryId, number);
    const outcome: Outcome = isInVain ? { kind: 'deferred', untilMs: first } : await made;
    // Still to be made, when its endpoint may be sent something.
    if (isManual && outcome.kind === 'deferred') state.manual.add(deliveryId);
    return outcome;
  } finally {
    patience?.end();
    attempts.forget(deliveryId, number);
  }
}

function settle(state: LaneState, job: Job, outcome: AttemptOutcome): Step {
  const { tally } = state;
  if (!outcome.recorded) {
    state.unrecorded.push({ id: job.deliveryId, scheduledBefore: job.scheduledCount, outcome });
    state.stop();
    return 'wait';
  }
  if (outcome.succeeded) {
    tally.succeeded += 1;
    return 'next';
  }
  const { number, startedAtMs: atMs, statusCode, errorMessage: message } = outcome;
  tally.failedAttempts += 1;
  state.failures.push({ deliveryId: job.deliveryId, number, atMs, statusCode, message });
  if (state.failures.length > MAX_FAILURES) state.failures.shift();
  if (standingAfter(outcome, job.scheduledCount).status !== 'failed') return 'wait';
  tally.failed += 1;
  return 'next';
}

async function cancel({ db }: KeyRunDeps, { tally }: LaneState, deliveryId: string): Promise<Step> {
  tally.cancelled += (await cancelDeliveries(db, [deliveryId])).length;
  return 'next';
}

async function hold({ db }: KeyRunDeps, { tally }: LaneState, ids: string[]): Promise<Step> {
  const waiting = await holdDeliveries(db, ids);
  tally.held += ids.length - waiting.length;
  if (waiting.length > 0) await sleep(BEHIND_MS);
  return 'look again';
}
