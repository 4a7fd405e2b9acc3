import { setTimeout as sleep } from 'node:timers/promises';
import { loadDeliveries } from '../../store/load-deliveries.ts';
import { cancelDeliveries } from '../../store/delivery-state.ts';
import { leaveLane, placeOfLane, type LaneRest } from '../../store/claim-lane.ts';
import type { KeyRunDeps, LaneState } from './key-run.ts';
import { createLook, type Found } from './look.ts';
import type { Signal } from './signal.ts';
import type { LaneRun, LaneTally, LaneWait } from '../../lane-run.ts';

export interface LaneWorkDeps extends KeyRunDeps {
  /** How many of the endpoint's deliveries may be under way at a time. */
  shareOf(endpointId: string): number;
  /** Takes a place for a lane that waits for more to come, where there is one. */
  linger(tenantId: string): (() => void) | null;
}

/** One process's work on a lane, from its claim to the moment in which it leaves. */
export interface LaneWork {
  deps: LaneWorkDeps;
  state: LaneState;
  processId: number;
  /** There is more in the lane, or its end is asked for. */
  signal: Signal;
  /** Heads that wait, as far as they were last seen: the first of them. */
  onWaits(waits: LaneWait[]): void;
}

/** So long a lane in which nothing is left waits for more before it leaves: a workflow costs as much as some tens of deliveries. */
const LINGER_MS = 5_000;
/** The workflow's own timer comes first. */
const LATE_SECONDS = 30;

/** Between looks at all heads: however often something comes, looking is a small part of the work. */
const PAUSES = 5;
const MAX_PAUSE_MS = 10_000;
/** While other keys are worked through, what has become due of the rest is looked for so often. */
const NEWS_EVERY_MS = 1_000;
const NEWS_PAUSE_MS = 20;

/** Works until nothing in the lane can be sent now, and nothing comes for a while; or until it is to end. */
export async function workThrough(work: LaneWork): Promise<LaneRun> {
  const { deps, state, processId, signal } = work;
  const { order } = state;
  const look = createLook(work);
  await cancelAsked(work);

  /** While some are under way: begins what comes in or becomes due of others. Ends when all heads are to be looked at again. */
  async function goOn(notBeforeMs: number): Promise<void> {
    for (let isAsked = false; ;) {
      const untilMs = isAsked ? notBeforeMs - performance.now() : Infinity;
      const came = await signal.wait(Math.max(NEWS_PAUSE_MS, Math.min(NEWS_EVERY_MS, untilMs)));
      if (look.underWay() === 0 || state.ending()) return;
      if (came) {
        isAsked = true;
        signal.clear();
        await Promise.race([sleep(NEWS_PAUSE_MS), signal.ended]);
      }
      if (isAsked && performance.now() >= notBeforeMs) return;
      await look.atNews();
    }
  }

  for (;;) {
    signal.clear();
    const place = state.ending() ? null : await placeOfLane(deps.db, order, processId);
    const beganAtMs = performance.now();
    const found = place === null ? null : await look.atAll(place);
    const tookMs = performance.now() - beganAtMs;
    if (found) work.onWaits(found.waits);
    if (found === null) {
      await look.idle();
      return result(work, null);
    }
    if (look.underWay() > 0) {
      await goOn(performance.now() + Math.min(MAX_PAUSE_MS, PAUSES * tookMs));
      continue;
    }
    if (signal.isSet || (await waitForMore(work, found)) || state.ending()) continue;
    if (await leaveLane(deps.db, order, processId, place!, restOf(found))) return result(work, found);
  }
}

/** False when nothing has come, or is waited for: of a lane without keys nothing can be sent while its head waits. */
async function waitForMore({ deps, state, signal }: LaneWork, found: Found): Promise<boolean> {
  if (onlyKeyOf(found) === '' || signal.isSet) return signal.isSet;
  const leavePlace = deps.linger(state.order.tenantId);
  if (!leavePlace) return false;
  try {
    const untilDueMs = found.nextDueAtMs === null ? Infinity : Math.max(1, found.nextDueAtMs - Date.now());
    if (await signal.wait(Math.min(LINGER_MS, untilDueMs))) return true;
    return untilDueMs < LINGER_MS;
  } finally {
    leavePlace();
  }
}

/** The key of all that waits, where it is one. */
const onlyKeyOf = ({ waiting, waits }: Found): string | null => (waiting === 1 ? waits[0]!.key : null);

function restOf(found: Found): LaneRest {
  if (found.waiting === 0) return { kind: 'nothing' };
  if (found.nextDueAtMs === null) return { kind: 'held' };
  const inSeconds = Math.max(0, found.nextDueAtMs - Date.now()) / 1_000 + LATE_SECONDS;
  return { kind: 'due', onlyKey: onlyKeyOf(found), inSeconds };
}

/** Only of this lane: a message to a workflow says what it likes. */
async function cancelAsked({ deps: { db }, state: { order, tally } }: LaneWork): Promise<void> {
  if (order.cancelled.length === 0) return;
  const present = await loadDeliveries(
    db,
    order.cancelled.map((deliveryId) => ({ deliveryId, number: 0 })),
  );
  const ids = order.cancelled.filter((id) => present.get(id)?.job.endpointId === order.endpointId);
  if (ids.length > 0) tally.cancelled += (await cancelDeliveries(db, ids)).length;
}

function result(
  { state: { tally, manual, deferred, failures, unrecorded } }: LaneWork,
  found: Found | null,
): LaneRun {
  return {
    tally: { ...tally } satisfies LaneTally,
    more: found === null,
    // After a look at all heads, those that have not been attempted were put off, or are no heads.
    manual: [...manual].filter((id) => found === null || deferred.has(id)),
    nextDueAtMs: found?.nextDueAtMs ?? null,
    waiting: found?.waiting ?? 0,
    waits: found?.waits ?? [],
    failures,
    unrecorded,
  };
}
