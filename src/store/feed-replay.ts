import { allowedNow, nextInMs, pacedAfter } from '../pace.ts';
import { insertReplayed } from './insert-replayed.ts';
import { notifyWaiting } from './notify.ts';
import type { Pool, Queryable } from './pool.ts';
import { findSources } from './replay-sources.ts';
import { lockReplay, moveOn, moveReplay, noteWaiting, type Replay, type ReplayReason } from './replays.ts';
import { transaction } from './transaction.ts';

/** What one step came to. */
export interface Fed {
  /** As it was before the step; null: it is gone. */
  replay: Replay | null;
  made: number;
  /** Of its deliveries, such as waited for their first attempt before that. */
  waiting: number;
  /** More may be made at once. */
  hasMore: boolean;
  /** Why nothing is made just now. */
  waitsFor: ReplayReason | null;
  /** When the rate allows the next one, or when more can be seen; null: neither is waited for. */
  nextInMs: number | null;
}

/**
 * Makes the next deliveries of a replay, in one transaction with how far it is: a step that is done twice, or whose answer
 * is lost, makes nothing twice. `room`: so many of its deliveries may wait for their first attempt.
 */
export function feedReplay(pool: Pool, tenantId: string, id: string, room: number): Promise<Fed> {
  return transaction(pool, async (db) => {
    const replay = await lockReplay(db, tenantId, id);
    const nothing: Fed = { replay, made: 0, waiting: 0, hasMore: false, waitsFor: null, nextInMs: null };
    if (replay?.status !== 'running') return nothing;
    const waitsFor = await obstacle(db, replay);
    if (waitsFor === 'endpoint_deleted') {
      const ended = await moveReplay(db, replay, ['running'], 'cancelled', waitsFor);
      return { ...nothing, replay: ended };
    }
    if (waitsFor) {
      await noteWaiting(db, replay, waitsFor);
      return { ...nothing, waitsFor };
    }
    return step(db, replay, room);
  });
}

async function step(db: Queryable, replay: Replay, room: number): Promise<Fed> {
  const { perSecond, pacedAtMs } = replay;
  const nowMs = await databaseNowMs(db);
  const pace = perSecond === null ? null : { perSecond, pacedAtMs };
  const waiting = await waitingOf(db, replay.id, room);
  const budget = Math.min(room - waiting, pace ? allowedNow(pace, nowMs) : Infinity);
  if (budget <= 0) {
    const next = pace && nextInMs(pace, nowMs);
    return { replay, made: 0, waiting, hasMore: false, waitsFor: null, nextInMs: next };
  }
  const { sources, to, isLast, waitMs } = await findSources(db, replay, replay.position, budget);
  const made = await insertReplayed(db, replay, sources);
  const skipped = sources.length - made;
  const pacedTo = pace ? pacedAfter(pace, nowMs, made) : nowMs;
  await moveOn(db, replay, { position: to, made, skipped, pacedAtMs: pacedTo, isOver: isLast });
  if (made > 0) await notifyWaiting(db);
  const next = pace && nextInMs({ ...pace, pacedAtMs: pacedTo }, nowMs);
  return {
    ...{ replay, made, waiting, waitsFor: null },
    hasMore: waitMs === null && (isLast || made < budget),
    nextInMs: waitMs === null ? next : Math.max(waitMs, next ?? 0),
  };
}

/** What stands against sending to its endpoint now. */
async function obstacle(db: Queryable, { tenantId, endpointId }: Replay): Promise<ReplayReason | null> {
  const { rows } = await db.query<{ enabled: boolean; release: string | null }>({
    name: 'replay-obstacle',
    text: 'SELECT enabled, release FROM endpoints WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL',
    values: [tenantId, endpointId],
  });
  if (!rows[0]) return 'endpoint_deleted';
  if (!rows[0].enabled) return 'endpoint_disabled';
  return rows[0].release === null ? null : 'endpoint_releasing';
}

/** How many of a replay wait for their first attempt; counted up to `limit`. */
async function waitingOf(db: Queryable, replayId: string, limit: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'replay-waiting',
    text: `SELECT count(*)::int AS count FROM (
             SELECT FROM deliveries WHERE replay_id = $1 AND status = 'pending' LIMIT $2) w`,
    values: [replayId, limit],
  });
  return rows[0]!.count;
}

/** One clock for all workers. */
export async function databaseNowMs(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ ms: number }>({
    name: 'database-now',
    text: `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`,
  });
  return rows[0]!.ms;
}
