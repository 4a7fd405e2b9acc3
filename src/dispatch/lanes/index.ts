/**
 * Lanes: what goes to an endpoint in the order of its acceptance. One process at a time works through a lane, asked to by
 * its workflow, which waits where nothing can be sent.
 */
import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimLane, dropStrayLanes, letGoOfLane, type LaneId } from '../../store/claim-lane.ts';
import type { EnteredLane } from '../../store/lane-places.ts';
import type { LaneNotice } from '../../store/notify-lanes.ts';
import type { Queryable } from '../../store/pool.ts';
import type { Attempts } from '../attempts.ts';
import type { Gate } from '../gate.ts';
import type { Membership } from '../membership.ts';
import type { RetryRoom } from '../retry-room.ts';
import { SharedRoom } from '../shared-room.ts';
import { createSignal, type Signal } from './signal.ts';
import { NO_TALLY, type LaneOrder, type LaneRun, type LaneTally, type LaneWait } from '../../lane-run.ts';
import { createLaneWakes } from './wakes.ts';
import { workThrough, type LaneWork } from './work.ts';

export interface Lanes {
  /** Something was accepted into these. */
  entered(lanes: EnteredLane[]): void;
  /** What another process says. */
  heard(notice: LaneNotice): void;
  /** Its limit may be another, or its slow-down over. */
  changed(lane: LaneId): void;
  /** The delivery was cancelled. */
  cancelled(deliveryId: string): void;
  /** Lanes may have become due, whichever. */
  look(): void;
  /** Works through a lane, for the activity of its workflow. */
  work(order: LaneOrder, caller: LaneCaller): Promise<LaneRun>;
  /** How many are worked through here. */
  atWork(): number;
  start(): void;
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>;
}

export interface LaneCaller {
  /** Temporal has given the task to another worker, or the workflow has ended. */
  cancelled: AbortSignal;
  /** So far. */
  onProgress(tally: LaneTally): void;
}

export interface LanesDeps {
  db: Queryable;
  attempts: Attempts;
  retryRoom: RetryRoom;
  gate: Pick<Gate, 'shareOf'>;
  membership: Membership;
  wake(lane: LaneId): Promise<void>;
  log: Logger;
}

interface AtWork {
  signal: Signal;
  waits: LaneWait[];
  /** What was put off may be possible. */
  reconsider(): void;
  /** Asks it to leave. */
  end(): void;
  done: Promise<unknown>;
}

/** Whoever makes a lane due says so: this is for what was not heard, and for lanes whose worker has died. */
const TICK_MS = 5_000;
const STRAYS_EVERY_TICKS = 2;
/** After so long a lane goes back to its workflow, which learns how far it is. */
const MAX_RUN_MS = 60_000;
const POLL_MS = 300;
/** Lanes that wait here for more to come; of one tenant half of them. */
const MAX_LINGERING = 1_000;
const LINGER_GREED = 1;
/** What was cancelled meanwhile is remembered for so many. */
const MAX_CANCELLED = 50_000;

export function createLanes(deps: LanesDeps): Lanes {
  const { db, membership, log } = deps;
  const wakes = createLaneWakes(deps);
  /** By endpoint. */
  const runs = new Map<string, AtWork>();
  const cancelled = new Set<string>();
  const lingering = new SharedRoom(MAX_LINGERING, LINGER_GREED);
  const lingeringOf = new Map<string, number>();
  let stopped = false;
  let ticks = 0;
  let ticking = false;
  let timer: NodeJS.Timeout | undefined;

  function linger(tenantId: string): (() => void) | null {
    const held = lingeringOf.get(tenantId) ?? 0;
    if (!lingering.hasRoomFor(held)) return null;
    lingering.take();
    lingeringOf.set(tenantId, held + 1);
    return () => {
      lingering.giveBack();
      const left = lingeringOf.get(tenantId)! - 1;
      if (left > 0) lingeringOf.set(tenantId, left);
      else lingeringOf.delete(tenantId);
    };
  }

  /** Once the lane is this process's. */
  async function claimAndWork(
    order: LaneOrder,
    caller: LaneCaller,
    signal: Signal,
    isEnding: () => boolean,
    run: AtWork,
  ): Promise<LaneRun> {
    const processId = await claim(order, isEnding);
    if (processId === null) return EMPTY;
    let isOver = false;
    const tally = { ...NO_TALLY };
    const work: LaneWork = {
      deps: { ...deps, shareOf: (endpointId) => deps.gate.shareOf(endpointId), linger },
      processId,
      signal,
      onWaits: (waits) => void (run.waits = waits),
      state: {
        ...{ order, tally, failures: [], unrecorded: [], deferred: new Map() },
        manual: new Set(order.manual),
        isCancelled: (deliveryId) => cancelled.has(deliveryId),
        ending: () => isOver || isEnding() || membership.id !== processId,
        stop() {
          isOver = true;
          signal.end();
        },
        onStep: () => caller.onProgress(tally),
      },
    };
    run.reconsider = () => {
      work.state.deferred.clear();
      signal.set();
    };
    let left = false;
    try {
      const result = await workThrough(work);
      left = !result.more;
      return result;
    } finally {
      // Should this fail, it is a stray.
      if (!left) await letGoOfLane(db, order, processId).catch(() => {});
    }
  }

  /** Null: there is nothing in it. Waits for as long as another that lives works through it. */
  async function claim(order: LaneOrder, isEnding: () => boolean): Promise<number | null> {
    for (;;) {
      await membership.certain();
      const processId = membership.id!;
      const found = await claimLane(db, order, processId);
      if (found === 'empty') return null;
      if (found === 'claimed' && membership.id === processId) return processId;
      if (isEnding()) throw new Error('another process works through the lane');
      await sleep(POLL_MS);
    }
  }

  function begin(order: LaneOrder, caller: LaneCaller): Promise<LaneRun> {
    const signal = createSignal();
    const endsAtMs = performance.now() + MAX_RUN_MS;
    let isAsked = false;
    const isEnding = () => isAsked || stopped || caller.cancelled.aborted || performance.now() >= endsAtMs;
    const run: AtWork = {
      signal,
      waits: [],
      reconsider() {},
      end() {
        isAsked = true;
        signal.end();
      },
      done: Promise.resolve(),
    };
    runs.set(order.endpointId, run);
    const overtime = setTimeout(run.end, MAX_RUN_MS);
    caller.cancelled.addEventListener('abort', run.end);
    const done = claimAndWork(order, caller, signal, isEnding, run).finally(() => {
      clearTimeout(overtime);
      caller.cancelled.removeEventListener('abort', run.end);
      if (runs.get(order.endpointId) === run) runs.delete(order.endpointId);
    });
    run.done = done.catch(() => {});
    return done;
  }

  async function tick(): Promise<void> {
    ticks += 1;
    await wakes.look();
    const { id } = membership;
    if (id === null || ticks % STRAYS_EVERY_TICKS !== 0) return;
    const strays = await dropStrayLanes(db, id, [...runs.keys()]);
    if (strays > 0) log.warn({ lanes: strays }, 'lanes had been claimed here and were not worked through');
  }

  function run(): void {
    if (ticking || stopped) return;
    ticking = true;
    tick()
      .catch((error: unknown) =>
        log.warn({ err: error }, 'due lanes could not be looked for; again in some seconds'),
      )
      .finally(() => (ticking = false));
  }

  return {
    entered(lanes) {
      for (const { endpointId } of lanes) runs.get(endpointId)?.signal.set();
      wakes.wake(lanes.filter(({ isDue }) => isDue));
    },
    heard({ due, more, leave }) {
      for (const endpointId of more) runs.get(endpointId)?.signal.set();
      for (const endpointId of leave) runs.get(endpointId)?.end();
      wakes.wake(due);
    },
    changed(lane) {
      runs.get(lane.endpointId)?.reconsider();
      wakes.changed(lane);
    },
    cancelled(deliveryId) {
      if (runs.size === 0) return;
      cancelled.add(deliveryId);
      if (cancelled.size > MAX_CANCELLED) cancelled.delete(cancelled.values().next().value!);
      for (const { waits, signal } of runs.values())
        if (waits.some((wait) => wait.deliveryId === deliveryId)) signal.set();
    },
    look: run,
    async work(order, caller) {
      for (;;) {
        caller.cancelled.throwIfAborted();
        if (stopped) throw new Error('this process is stopping');
        const present = runs.get(order.endpointId);
        if (!present) return begin(order, caller);
        // Of an activity that Temporal has given up.
        present.end();
        await present.done;
      }
    },
    atWork: () => runs.size,
    start() {
      timer = setInterval(run, TICK_MS);
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      wakes.stop();
      for (const one of runs.values()) one.end();
      await Promise.all([...runs.values()].map(({ done }) => done));
    },
  };
}

const EMPTY: LaneRun = {
  ...{ tally: NO_TALLY, more: false, manual: [], nextDueAtMs: null, waiting: 0 },
  ...{ waits: [], failures: [], unrecorded: [] },
};
