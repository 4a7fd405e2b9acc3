/** Replays as they are kept: what was asked for, how far it has come, and how it ended. */
import type { DeliveryStatus } from '../lifecycle.ts';
import type { Queryable } from './pool.ts';
import { FOUND_SOON } from './unattended-work.ts';

/** `failed`: what has not arrived. `all`: what had ended. `missing`: events that fit the endpoint, and were never for it. */
export const REPLAY_KINDS = ['failed', 'all', 'missing'] as const;
export type ReplayKind = (typeof REPLAY_KINDS)[number];

/** `finishing`: all its deliveries are made, and some of them are still under way. */
export const REPLAY_STATUSES = ['running', 'paused', 'finishing', 'completed', 'cancelled'] as const;
export type ReplayStatus = (typeof REPLAY_STATUSES)[number];

/** Why it was cancelled, or makes nothing just now. */
export type ReplayReason = 'asked' | 'endpoint_deleted' | 'endpoint_disabled' | 'endpoint_releasing';

/** What is looked for. It stays as it was when the replay began. */
export interface ReplayFilter {
  tenantId: string;
  endpointId: string;
  kind: ReplayKind;
  since: Date;
  until: Date;
  /** Of the deliveries that are repeated; empty for kind `missing`. */
  statuses: DeliveryStatus[];
  /** Patterns; null: all. */
  eventTypes: string[] | null;
}

export interface NewReplay extends ReplayFilter {
  id: string;
  perSecond: number | null;
  /** The last row that was looked at, of deliveries or, for kind `missing`, of events. */
  position: string;
}

export interface Replay extends NewReplay {
  status: ReplayStatus;
  reason: ReplayReason | null;
  made: number;
  skipped: number;
  countedTo: string;
  counted: number;
  /** Null: not counted yet. */
  total: number | null;
  open: number;
  failed: number;
  cancelled: number;
  pacedAtMs: number;
  createdAt: Date;
  completedAt: Date | null;
}

const COLUMNS = `tenant_id AS "tenantId", id, endpoint_id AS "endpointId", kind, since, until, statuses,
  event_types AS "eventTypes", per_second AS "perSecond", status, reason, position, made, skipped,
  counted_to AS "countedTo", counted, total, open, failed, cancelled,
  (extract(epoch FROM paced_at) * 1000)::float8 AS "pacedAtMs", created_at AS "createdAt", completed_at AS "completedAt"`;

/** The key that a request came with, and a hash of what it meant. */
export interface ReplayRepeat {
  key: string;
  hash: string;
}

/** Null when another is at work for that endpoint, or was begun with that key. */
export async function insertReplay(
  db: Queryable,
  replay: NewReplay,
  repeat: ReplayRepeat | null = null,
): Promise<Replay | null> {
  const { tenantId, id, endpointId, kind, since, until, statuses, eventTypes, perSecond, position } = replay;
  const { rows } = await db.query<Replay>({
    name: 'insert-replay',
    text: `INSERT INTO replays (tenant_id, id, endpoint_id, kind, since, until, statuses, event_types, per_second,
                                position, counted_to, idempotency_key, request_hash, touched_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, ${FOUND_SOON})
           ON CONFLICT DO NOTHING
           RETURNING ${COLUMNS}`,
    values: [
      ...[tenantId, id, endpointId, kind, since.toISOString(), until.toISOString()],
      ...[statuses, eventTypes, perSecond, position, repeat?.key ?? null, repeat?.hash ?? null],
    ],
  });
  return rows[0] ?? null;
}

/** The one that was begun with a key, and what that request meant. */
export async function findReplayByKey(
  db: Queryable,
  tenantId: string,
  key: string,
): Promise<{ replay: Replay; requestHash: string } | null> {
  const { rows } = await db.query<Replay & { requestHash: string }>({
    name: 'find-replay-by-key',
    text: `SELECT ${COLUMNS}, request_hash AS "requestHash" FROM replays
            WHERE tenant_id = $1 AND idempotency_key = $2`,
    values: [tenantId, key],
  });
  if (!rows[0]) return null;
  const { requestHash, ...replay } = rows[0];
  return { replay, requestHash };
}

/** The one that is at work for an endpoint. */
export async function replayAtWork(
  db: Queryable,
  tenantId: string,
  endpointId: string,
): Promise<Replay | null> {
  const { rows } = await db.query<Replay>({
    name: 'replay-at-work',
    text: `SELECT ${COLUMNS} FROM replays
            WHERE tenant_id = $1 AND endpoint_id = $2 AND status IN ('running', 'paused')`,
    values: [tenantId, endpointId],
  });
  return rows[0] ?? null;
}

export async function findReplay(db: Queryable, tenantId: string, id: string): Promise<Replay | null> {
  const { rows } = await db.query<Replay>({
    name: 'find-replay',
    text: `SELECT ${COLUMNS} FROM replays WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, id],
  });
  return rows[0] ?? null;
}

/** Within a transaction: nobody else moves it on meanwhile. */
export async function lockReplay(db: Queryable, tenantId: string, id: string): Promise<Replay | null> {
  const { rows } = await db.query<Replay>({
    name: 'lock-replay',
    text: `SELECT ${COLUMNS} FROM replays WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    values: [tenantId, id],
  });
  return rows[0] ?? null;
}

/** Newest first; `limit` and one more, if there is one. */
export async function listReplays(
  db: Queryable,
  tenantId: string,
  { endpointId, limit, beforeId }: { endpointId: string | null; limit: number; beforeId: string | null },
): Promise<Replay[]> {
  const { rows } = await db.query<Replay>({
    name: 'list-replays',
    text: `SELECT ${COLUMNS} FROM replays
            WHERE tenant_id = $1 AND ($2::text IS NULL OR endpoint_id = $2) AND ($3::text IS NULL OR id < $3)
            ORDER BY id DESC LIMIT $4`,
    values: [tenantId, endpointId, beforeId, limit + 1],
  });
  return rows;
}

/** Moves it to a status if it is in one of `from`. Returns it as it is then; null when it was in none. */
export async function moveReplay(
  db: Queryable,
  { tenantId, id }: { tenantId: string; id: string },
  from: readonly ReplayStatus[],
  to: ReplayStatus,
  reason: ReplayReason | null,
): Promise<Replay | null> {
  const { rows } = await db.query<Replay>({
    name: 'move-replay',
    text: `UPDATE replays SET status = $4, reason = $5, touched_at = ${FOUND_SOON}
            WHERE tenant_id = $1 AND id = $2 AND status = ANY ($3) RETURNING ${COLUMNS}`,
    values: [tenantId, id, from, to, reason],
  });
  return rows[0] ?? null;
}

/**
 * The endpoint is deleted: what makes deliveries for it, or would once it is resumed, does so no more. As if nothing had happened to
 * it for a while, so that the sweep wakes its workflow.
 */
export async function endReplaysTo(db: Queryable, tenantId: string, endpointId: string): Promise<void> {
  await db.query({
    name: 'end-replays-to',
    text: `UPDATE replays SET status = 'cancelled', reason = 'endpoint_deleted', touched_at = now() - interval '2 minutes'
            WHERE tenant_id = $1 AND endpoint_id = $2 AND status IN ('running', 'paused')`,
    values: [tenantId, endpointId],
  });
}

/** What of its deliveries has not succeeded. */
export interface ReplayCounts {
  open: number;
  failed: number;
  cancelled: number;
}

/**
 * How far its deliveries are, as far as that is known at any time. Counted one after the other, one may have been open, and have
 * failed by the time that was counted.
 */
export async function noteReplayCounts(
  db: Queryable,
  { tenantId, id }: { tenantId: string; id: string },
  { open, failed, cancelled }: ReplayCounts,
): Promise<void> {
  await db.query({
    name: 'note-replay-counts',
    text: `UPDATE replays SET open = least($3, greatest(0, made - $4 - $5)), failed = $4, cancelled = $5, touched_at = now()
            WHERE tenant_id = $1 AND id = $2 AND completed_at IS NULL`,
    values: [tenantId, id, open, failed, cancelled],
  });
}

/**
 * The one place where a replay ends: all that it made has ended, and these are its last counts. Returns it; null when it
 * had ended before, or is not over.
 */
export async function endReplay(
  db: Queryable,
  { tenantId, id }: { tenantId: string; id: string },
  { failed, cancelled }: ReplayCounts,
): Promise<Replay | null> {
  const { rows } = await db.query<Replay>({
    name: 'end-replay',
    text: `UPDATE replays
              SET status = CASE WHEN status = 'finishing' THEN 'completed' ELSE status END, total = made, open = 0,
                  failed = $3, cancelled = $4, completed_at = now()
            WHERE tenant_id = $1 AND id = $2 AND status IN ('finishing', 'cancelled') AND completed_at IS NULL
        RETURNING ${COLUMNS}`,
    values: [tenantId, id, failed, cancelled],
  });
  return rows[0] ?? null;
}

/** A step of one that is locked. */
export async function moveOn(
  db: Queryable,
  { tenantId, id }: Replay,
  step: { position: string; made: number; skipped: number; pacedAtMs: number; isOver: boolean },
): Promise<void> {
  await db.query({
    name: 'replay-move-on',
    text: `UPDATE replays
              SET position = $3, made = made + $4, open = open + $4, skipped = skipped + $5,
                  paced_at = to_timestamp($6::float8 / 1000), reason = NULL, touched_at = now(),
                  status = CASE WHEN $7 THEN 'finishing' ELSE status END,
                  total = CASE WHEN $7 THEN made + $4 ELSE total END
            WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, id, step.position, step.made, step.skipped, step.pacedAtMs, step.isOver],
  });
}

/** What was counted of it from `from` on, unless somebody has counted that already. `isOver`: that was the last. */
export async function noteCounted(
  db: Queryable,
  { tenantId, id, countedTo: from }: Replay,
  { to, count, isOver }: { to: string; count: number; isOver: boolean },
): Promise<void> {
  await db.query({
    name: 'replay-note-counted',
    text: `UPDATE replays
              SET counted_to = $4, counted = counted + $5, touched_at = now(),
                  total = CASE WHEN $6 THEN counted + $5 END
            WHERE tenant_id = $1 AND id = $2 AND counted_to = $3 AND total IS NULL`,
    values: [tenantId, id, from, to, count, isOver],
  });
}

/** It makes nothing just now. */
export async function noteWaiting(
  db: Queryable,
  { tenantId, id }: Replay,
  reason: ReplayReason | null,
): Promise<void> {
  await db.query({
    name: 'replay-note-waiting',
    text: 'UPDATE replays SET reason = $3, touched_at = now() WHERE tenant_id = $1 AND id = $2',
    values: [tenantId, id, reason],
  });
}

/** Of those that ended before a time, so many; returns how many those were. */
export async function deleteEndedReplays(db: Queryable, before: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    text: `DELETE FROM replays WHERE (tenant_id, id) IN (
             SELECT tenant_id, id FROM replays WHERE completed_at < $1 ORDER BY completed_at LIMIT $2)`,
    values: [before.toISOString(), limit],
  });
  return rowCount ?? 0;
}
