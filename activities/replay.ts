import type { Logger } from 'pino';
import { tellCarriers } from '../src/deliveries/tell-carriers.ts';
import { Problem } from '../src/problem.ts';
import type { Replays } from '../src/replays/replays.ts';
import { feedReplay, type Fed } from '../src/store/feed-replay.ts';
import { notifyCancelled } from '../src/store/notify.ts';
import { tellNews } from '../src/store/news.ts';
import type { Pool } from '../src/store/pool.ts';
import { cancelReplayed, countReplayed } from '../src/store/replay-counts.ts';
import { countSendable, findSources } from '../src/store/replay-sources.ts';
import {
  endReplay,
  findReplay,
  noteCounted,
  noteReplayCounts,
  type Replay,
  type ReplayCounts,
} from '../src/store/replays.ts';
import { transaction } from '../src/store/transaction.ts';
import type { DeliveryWorkflows } from '../src/temporal/workflows.ts';
import { createStretches, type Step, type Stretch } from './stretch.ts';

export interface ReplayInput {
  tenantId: string;
  replayId: string;
}

export type ReplayOrder = 'pause' | 'resume' | 'cancel';

export interface ReplayActivities {
  /** Goes on with a replay for a while. `pressure`: what the step before said. */
  carryReplay(input: ReplayInput & { pressure?: number }): Promise<Step>;
  /** What somebody asked of its workflow; answers in words. */
  orderReplay(input: ReplayInput & { order: ReplayOrder }): Promise<string>;
}

export interface ReplayDeps {
  db: Pool;
  replays: Pick<Replays, ReplayOrder>;
  workflows: Pick<DeliveryWorkflows, 'signalCancel'>;
  log: Logger;
}

/** Steps follow one another so soon. */
const TICK_MS = 250;
/** Of a tick, for counting ahead. */
const COUNTING_MS = 100;
/** How many deliveries may wait for their first attempt: as many as the endpoint takes in a tick or two. */
const FIRST_ROOM = 50;
const MIN_ROOM = 20;
const MAX_ROOM = 4_000;
/** With a rate, as many as are made in this time: an endpoint that does not keep up with it is not buried. */
const RATED_ROOM_SECONDS = 5;
const COUNTS_EVERY_MS = 2_000;
/** So many times as long as it took: of a million that wait for their retries, counting is seconds of work. */
const COUNTING_PAUSES = 10;
/** All is made, and ends bit by bit. */
const SETTLING_MS = 250;
const CANCELLED_AT_ONCE = 1_000;
/** Workflows are told as a courtesy: they find the row cancelled at their next step. */
const MAX_TOLD = 2_000;

export function createReplayActivities({ db, replays, workflows, log }: ReplayDeps): ReplayActivities {
  const stretches = createStretches();

  /** Makes deliveries as long as it is running, and the stretch lasts. */
  async function feed(
    stretch: Stretch,
    { tenantId, replayId }: ReplayInput,
    pressure: number,
  ): Promise<Step> {
    let room = pressure;
    let countAtMs = 0;
    for (;;) {
      const tickEndsMs = performance.now() + TICK_MS;
      const fed = await feedReplay(db, tenantId, replayId, room);
      const { replay } = fed;
      if (replay?.status !== 'running') return step(replay, 'changed', room);
      if (fed.waitsFor) return step({ ...replay, reason: fed.waitsFor }, 'idle', room);
      room = nextRoom(replay, room, fed);
      if (performance.now() > countAtMs) {
        const { counts, pauseMs } = await count(stretch, replay.id);
        await noteReplayCounts(db, replay, counts);
        countAtMs = performance.now() + Math.max(COUNTS_EVERY_MS, pauseMs);
      }
      stretch.beat();
      if (stretch.isOver()) return step(replay, 'changed', room);
      if (fed.hasMore) continue;
      if (replay.total === null) await countAhead(stretch, replay);
      // What is not due for long is a matter for the workflow's timer.
      if (fed.nextInMs !== null && fed.nextInMs > 5_000)
        return { ...step(replay, 'idle', room), waitMs: fed.nextInMs };
      await stretch.sleep(Math.max(tickEndsMs - performance.now(), fed.nextInMs ?? 0));
    }
  }

  /** And for how long it should not be done again. */
  async function count(
    stretch: Stretch,
    replayId: string,
  ): Promise<{ counts: ReplayCounts; pauseMs: number }> {
    const beganAtMs = performance.now();
    const counts = await countReplayed(db, replayId, () => stretch.beat());
    return { counts, pauseMs: COUNTING_PAUSES * (performance.now() - beganAtMs) };
  }

  /** How many it will make in all, as far as the time goes. */
  async function countAhead(stretch: Stretch, { tenantId, id }: Replay): Promise<void> {
    const untilMs = performance.now() + COUNTING_MS;
    while (performance.now() < untilMs) {
      const replay = await findReplay(db, tenantId, id);
      if (!replay || replay.total !== null) return;
      const { sources, to, isLast, waitMs } = await findSources(db, replay, replay.countedTo);
      const uids = sources.map(({ eventUid }) => eventUid);
      await noteCounted(db, replay, { to, count: await countSendable(db, tenantId, uids), isOver: isLast });
      stretch.beat();
      if (waitMs !== null) return;
    }
  }

  /** All is made: it ends when all of that has ended. */
  async function settle(stretch: Stretch, replay: Replay): Promise<Step> {
    const { counts, pauseMs } = await count(stretch, replay.id);
    if (counts.open === 0) return end(replay, counts);
    await noteReplayCounts(db, replay, counts);
    const isIdle = counts.open === replay.open;
    const now = step({ ...replay, ...counts }, isIdle ? 'idle' : 'changed', MIN_ROOM);
    return isIdle ? now : { ...now, waitMs: Math.max(SETTLING_MS, pauseMs) };
  }

  async function end(replay: Replay, counts: ReplayCounts): Promise<Step> {
    const ended = await transaction(db, async (tx) => {
      const over = await endReplay(tx, replay, counts);
      if (over) await tellNews(tx, 'replay.completed', newsOf(over));
      return over;
    });
    if (ended)
      log.info({ tenantId: ended.tenantId, replayId: ended.id, status: ended.status }, 'a replay has ended');
    return step(ended ?? (await findReplay(db, replay.tenantId, replay.id)), 'ended', MIN_ROOM);
  }

  async function cancelRest(stretch: Stretch, replay: Replay): Promise<Step> {
    for (let told = 0; ;) {
      const cancelled = await cancelReplayed(db, replay.id, CANCELLED_AT_ONCE);
      if (cancelled.length === 0) return settle(stretch, replay);
      if (stretch.isOver()) return step(replay, 'changed', MIN_ROOM);
      await notifyCancelled(
        db,
        cancelled.map(({ id }) => id),
      );
      // Who is not told finds its row cancelled at its next step.
      const limit = MAX_TOLD - told;
      told += await tellCarriers(workflows, cancelled, { limit, onTold: () => stretch.beat() }).catch(
        () => 0,
      );
    }
  }

  return {
    carryReplay: ({ tenantId, replayId, pressure = FIRST_ROOM }) =>
      stretches.run(tenantId, async (stretch) => {
        const replay = await findReplay(db, tenantId, replayId);
        if (!replay || replay.completedAt) return step(replay, 'ended', pressure);
        switch (replay.status) {
          case 'running':
            return feed(stretch, { tenantId, replayId }, pressure);
          case 'paused':
            return step(replay, 'asleep', pressure);
          case 'finishing':
            return settle(stretch, replay);
          case 'cancelled':
            return cancelRest(stretch, replay);
          case 'completed':
            return step(replay, 'ended', pressure);
        }
      }),

    async orderReplay({ tenantId, replayId, order }) {
      try {
        const { status } = await replays[order](tenantId, replayId);
        return `It is ${status}.`;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return `Refused: ${error.message}`;
      }
    },
  };
}

/** What was made in a tick and is gone at the next: twice as much; what lies there still: half. */
function nextRoom({ perSecond }: Replay, room: number, { waiting, made, hasMore }: Fed): number {
  if (perSecond !== null) return clamp(perSecond * RATED_ROOM_SECONDS, FIRST_ROOM, MAX_ROOM);
  if (hasMore) return room;
  if (waiting === 0 && made >= room) return clamp(room * 2, MIN_ROOM, MAX_ROOM);
  return waiting > (room * 3) / 4 ? clamp(room / 2, MIN_ROOM, MAX_ROOM) : room;
}

const clamp = (value: number, min: number, max: number): number =>
  Math.round(Math.min(max, Math.max(min, value)));

/** How it ended, for the operational webhook. */
function newsOf({
  tenantId,
  endpointId,
  id,
  kind,
  status,
  reason,
  made,
  failed,
  cancelled,
  skipped,
}: Replay) {
  const counts = { total: made, succeeded: made - failed - cancelled, failed, cancelled, skipped };
  return { tenantId, endpointId, replay_id: id, kind, status, reason, ...counts };
}

function step(replay: Replay | null, next: Step['next'], pressure: number): Step {
  if (!replay) return { next: 'ended', state: 'gone', pressure, counts: {} };
  const { made, skipped, open, failed, cancelled, total } = replay;
  const succeeded = Math.max(0, made - open - failed - cancelled);
  const counts = { total: total ?? 0, done: made - open, succeeded, failed, cancelled, skipped };
  const state = replay.reason ? `${replay.status} (${replay.reason.replaceAll('_', ' ')})` : replay.status;
  return { next, state, pressure, counts };
}
