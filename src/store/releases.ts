/** What an endpoint held and lets go bit by bit: how far that is. The endpoint's row says that it is so. */
import { createdAtMs } from '../ids.ts';
import { TRANSITIONS } from '../lifecycle.ts';
import { allowedNow, nextInMs, pacedAfter } from '../pace.ts';
import type { CancelledDelivery } from './delivery-state.ts';
import { databaseNowMs } from './feed-replay.ts';
import { LANE_WORKFLOW, WAKE_LANES } from './lane-sql.ts';
import { CHANNELS } from './listener.ts';
import { notifyWaiting } from './notify.ts';
import type { Pool, Queryable } from './pool.ts';
import { releaseHeld } from './release-held.ts';
import { transaction } from './transaction.ts';
import { FOUND_SOON } from './unattended-work.ts';

/** What becomes of what is held. */
export type Release = 'deliver' | 'discard';

/** What an endpoint holds, and how fast it lets that go. */
export interface Held {
  count: number;
  /** There are more than were counted. */
  isMore: boolean;
  /** When the oldest of them was accepted. */
  since: Date | null;
  release: { kind: Release; perSecond: number | null; released: number; startedAt: Date } | null;
}

interface HeldRow {
  id: string;
  count: number;
  oldest: string | null;
  release: Release | null;
  perSecond: number | null;
  released: number;
  startedAt: Date | null;
}

/** By endpoint; each is counted up to `limit`. */
export async function heldOf(
  db: Queryable,
  tenantId: string,
  endpointIds: string[],
  limit: number,
): Promise<Map<string, Held>> {
  const { rows } = await db.query<HeldRow>({
    name: 'held-of',
    text: `SELECT e.id, h.count, h.oldest, e.release, r.per_second AS "perSecond", r.released,
                  r.started_at AS "startedAt"
             FROM endpoints e
            CROSS JOIN LATERAL (
              SELECT count(*)::int AS count, min(id) AS oldest FROM (
                SELECT id FROM deliveries WHERE endpoint_id = e.id AND status = 'held' ORDER BY id LIMIT $3) t
            ) h
             LEFT JOIN releases r ON r.tenant_id = e.tenant_id AND r.endpoint_id = e.id
            WHERE e.tenant_id = $1 AND e.id = ANY ($2)`,
    values: [tenantId, endpointIds, limit + 1],
  });
  return new Map(
    rows.map(({ id, count, oldest, release, perSecond, released, startedAt }) => [
      id,
      {
        count: Math.min(count, limit),
        isMore: count > limit,
        since: oldest === null ? null : new Date(createdAtMs(oldest)),
        release: release && startedAt && { kind: release, perSecond, released, startedAt },
      },
    ]),
  );
}

/** Within the transaction that changes the endpoint's row: from now on a workflow lets go what it holds. */
export async function beginRelease(
  db: Queryable,
  tenantId: string,
  endpointId: string,
  perSecond: number | null,
): Promise<void> {
  await db.query({
    name: 'begin-release',
    text: `INSERT INTO releases (tenant_id, endpoint_id, per_second, touched_at) VALUES ($1, $2, $3, ${FOUND_SOON})
           ON CONFLICT (tenant_id, endpoint_id) DO UPDATE
              SET per_second = excluded.per_second, released = 0, started_at = now(), paced_at = now(),
                  touched_at = excluded.touched_at`,
    values: [tenantId, endpointId, perSecond],
  });
}

const { cancel } = TRANSITIONS;

/** Cancels the oldest `limit` of what an endpoint holds. No workflow carries those. */
export async function discardHeld(
  db: Queryable,
  endpointId: string,
  limit: number,
): Promise<CancelledDelivery[]> {
  const { rows } = await db.query<CancelledDelivery>({
    name: 'discard-held',
    text: `WITH released AS (
             UPDATE deliveries d SET status = '${cancel.to}', next_attempt_at = NULL, completed_at = now()
              WHERE d.status = 'held'
                AND d.id = ANY (ARRAY(SELECT id FROM deliveries WHERE endpoint_id = $1 AND status = 'held'
                                       ORDER BY id LIMIT $2))
             RETURNING d.id, d.workflow_id, d.tenant_id, d.endpoint_id, d.lane_key
           ), ${WAKE_LANES}
           SELECT id, workflow_id AS "workflowId" FROM released`,
    values: [endpointId, limit],
  });
  return rows;
}

/** One that is held, whatever its turn. */
export async function releaseOne(db: Queryable, id: string): Promise<void> {
  const { release, resume } = TRANSITIONS;
  await db.query({
    name: 'release-one',
    text: `WITH released AS (
             UPDATE deliveries d
                SET status = CASE WHEN attempt_count = 0 THEN '${release.to}' ELSE '${resume.to}' END,
                    next_attempt_at = CASE WHEN attempt_count = 0 THEN NULL ELSE now() END,
                    workflow_id = ${LANE_WORKFLOW}, claimed_by = NULL
              WHERE id = $1 AND status = 'held'
             RETURNING d.tenant_id, d.endpoint_id, d.lane_key
           ), ${WAKE_LANES}
           SELECT count(*) AS count FROM released`,
    values: [id],
  });
}

export async function hasHeld(db: Queryable, endpointId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'has-held',
    text: `SELECT FROM deliveries WHERE endpoint_id = $1 AND status = 'held' LIMIT 1`,
    values: [endpointId],
  });
  return rowCount === 1;
}

/** What one step came to. */
export interface Released {
  isOver: boolean;
  kind: Release | null;
  moved: number;
  /** In all, since it began. */
  released: number;
  nextInMs: number;
}

const DISCARDED_AT_ONCE = 5_000;
const OVER: Released = { isOver: true, kind: null, moved: 0, released: 0, nextInMs: 0 };

/** Lets go of what may go now, oldest first, in one transaction with how far that is. */
export function stepRelease(pool: Pool, tenantId: string, endpointId: string): Promise<Released> {
  return transaction(pool, async (db) => {
    const row = await lockRelease(db, tenantId, endpointId);
    if (!row) return OVER;
    // Switched off, or released at once: it is nobody's any more.
    if (row.kind === null || !row.enabled) {
      await endRelease(db, tenantId, endpointId);
      return OVER;
    }
    const nowMs = await databaseNowMs(db);
    const { kind, perSecond } = row;
    const pace = kind === 'deliver' && perSecond !== null ? { perSecond, pacedAtMs: row.pacedAtMs } : null;
    const budget = pace ? allowedNow(pace, nowMs) : DISCARDED_AT_ONCE;
    if (pace && budget === 0) {
      const next = nextInMs(pace, nowMs);
      return { isOver: false, kind, moved: 0, released: row.released, nextInMs: next };
    }
    const moved = await letGo(db, endpointId, kind, budget);
    const pacedAtMs = pace ? pacedAfter(pace, nowMs, moved) : nowMs;
    await db.query({
      name: 'note-released',
      text: `UPDATE releases SET released = released + $3, paced_at = to_timestamp($4::float8 / 1000), touched_at = now()
              WHERE tenant_id = $1 AND endpoint_id = $2`,
      values: [tenantId, endpointId, moved, pacedAtMs],
    });
    const released = row.released + moved;
    if (moved < budget && (await endIfEmpty(db, tenantId, endpointId)))
      return { isOver: true, kind, moved, released, nextInMs: 0 };
    return {
      isOver: false,
      kind,
      moved,
      released,
      nextInMs: pace ? nextInMs({ ...pace, pacedAtMs }, nowMs) : 0,
    };
  });
}

async function letGo(db: Queryable, endpointId: string, kind: Release, limit: number): Promise<number> {
  if (kind === 'discard') return (await discardHeld(db, endpointId, limit)).length;
  const moved = await releaseHeld(db, endpointId, limit);
  if (moved > 0) await notifyWaiting(db);
  return moved;
}

interface ReleaseRow {
  kind: Release | null;
  enabled: boolean;
  perSecond: number | null;
  released: number;
  pacedAtMs: number;
}

/**
 * The endpoint first, as those do who switch it: so nobody disables it in the middle of a step, which would then let go of
 * what was accepted after that. Publishes take the same share lock.
 */
async function lockRelease(db: Queryable, tenantId: string, endpointId: string): Promise<ReleaseRow | null> {
  await db.query({
    name: 'share-endpoint',
    text: 'SELECT FROM endpoints WHERE tenant_id = $1 AND id = $2 FOR SHARE',
    values: [tenantId, endpointId],
  });
  const { rows } = await db.query<ReleaseRow>({
    name: 'lock-release',
    text: `SELECT e.release AS kind, coalesce(e.enabled, false) AS enabled, r.per_second AS "perSecond", r.released,
                  (extract(epoch FROM r.paced_at) * 1000)::float8 AS "pacedAtMs"
             FROM releases r
             LEFT JOIN endpoints e ON e.tenant_id = r.tenant_id AND e.id = r.endpoint_id AND e.deleted_at IS NULL
            WHERE r.tenant_id = $1 AND r.endpoint_id = $2 FOR NO KEY UPDATE OF r`,
    values: [tenantId, endpointId],
  });
  return rows[0] ?? null;
}

/**
 * Ends it when nothing is held any more. Whoever holds something asks the endpoint's row, under a share lock: with that
 * row locked all of it can be seen, and no more comes.
 */
async function endIfEmpty(db: Queryable, tenantId: string, endpointId: string): Promise<boolean> {
  await db.query({
    name: 'lock-endpoint',
    text: 'SELECT FROM endpoints WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE',
    values: [tenantId, endpointId],
  });
  if (await hasHeld(db, endpointId)) return false;
  await endRelease(db, tenantId, endpointId);
  return true;
}

async function endRelease(db: Queryable, tenantId: string, endpointId: string): Promise<void> {
  await db.query({
    name: 'end-release',
    text: `WITH gone AS (DELETE FROM releases WHERE tenant_id = $1 AND endpoint_id = $2)
           UPDATE endpoints SET release = NULL WHERE tenant_id = $1 AND id = $2 AND release IS NOT NULL
           RETURNING pg_notify('${CHANNELS.endpoints}', tenant_id || ' ' || id)`,
    values: [tenantId, endpointId],
  });
}
