import type { Endpoint, EndpointDetails } from '../domain.ts';
import type { Profiles } from '../profiles/index.ts';
import { cancelEndpointDeliveries } from './cancel-endpoint-deliveries.ts';
import type { CancelledDelivery } from './delivery-state.ts';
import {
  TOUCHED,
  detailsFromRow,
  endpointFromRow,
  originFromRow,
  type EndpointColumns,
  type EndpointRow,
} from './endpoint-row.ts';
import { failingSince, forgetFailing } from './failing-endpoints.ts';
import { NOTE_GONE, TELL_RECOVERED, tellOf, UPDATED } from './tell-of-endpoints.ts';
import { notifyCancelled, notifyWaiting } from './notify.ts';
import type { Pool, Queryable } from './pool.ts';
import { releaseHeld } from './release-held.ts';
import { beginRelease, discardHeld, hasHeld } from './releases.ts';
import { endReplaysTo } from './replays.ts';
import type { Seal } from './seal.ts';
import { beingDeleted } from './tenants.ts';
import { transaction } from './transaction.ts';
import { changeEndpoint, LIVE, lockEndpoint, writeEndpoint } from './write-endpoint.ts';

export interface EndpointStore {
  /** Null when the tenant has an endpoint with that `idempotency_key` already. Throws a Problem while the tenant is being deleted. */
  insert(tenantId: string, id: string, columns: EndpointColumns): Promise<EndpointDetails | null>;
  /** The endpoint that was made under a key, and its `origin`; that is null where it cannot be read here. */
  findMade(
    tenantId: string,
    idempotencyKey: string,
  ): Promise<{ endpoint: EndpointDetails; origin: string | null } | null>;
  /**
   * Locks the endpoint and writes what `decide` makes of it as it is. What `decide` throws, nothing is written for. Null when
   * the tenant has no such endpoint. With `enabled: true`, up to {@link MOVED_AT_ONCE} deliveries it held are released in the
   * same transaction, unless it is enabled already and releases them bit by bit.
   */
  update(
    tenantId: string,
    id: string,
    decide: (current: EndpointDetails) => EndpointColumns,
  ): Promise<EndpointDetails | null>;
  /**
   * Enables it, and lets go what it held: up to {@link MOVED_AT_ONCE} in the same transaction, or none of it where a rate
   * is given. Where `release` is set then, a workflow is to do the rest; else what is left is to be released at once.
   */
  enable(tenantId: string, id: string, how: HowToEnable): Promise<EndpointDetails | null>;
  find(tenantId: string, id: string): Promise<EndpointDetails | null>;
  /** In order of creation, after `afterId`. */
  list(tenantId: string, limit: number, afterId: string | null): Promise<EndpointDetails[]>;
  /** For each its endpoint, or null, in the order of `wanted`. */
  findMany(wanted: { tenantId: string; id: string }[]): Promise<(Endpoint | null)[]>;
  /** Of all tenants, those whose url begins so, newest first. */
  listByUrl(prefix: string): Promise<EndpointDetails[]>;
  /** Enables one that is disabled because it failed, and releases as `update` does; null: it is not, or not any more. */
  recover(tenantId: string, id: string): Promise<EndpointDetails | null>;
  /** Disables it, unless it was changed since `seen` was read. */
  disableUnchanged(seen: Endpoint, reason: string): Promise<void>;
  /**
   * Keeps the row for the logs, forgets every secret in it, and cancels up to {@link MOVED_AT_ONCE} deliveries that had
   * not ended, in one transaction. Returns those; null when there is no such endpoint.
   */
  remove(tenantId: string, id: string): Promise<CancelledDelivery[] | null>;
}

/** What becomes of what is held. `perSecond` null: at once. */
export type HowToEnable = { held: 'discard' } | { held: 'deliver'; perSecond: number | null };

/** Deliveries that are released or cancelled in the transaction that changes their endpoint: less than a second's work. */
export const MOVED_AT_ONCE = 10_000;

export function createEndpointStore(pool: Pool, seal: Seal, profiles: Profiles): EndpointStore {
  const read = (row: EndpointRow) => detailsFromRow(row, seal, profiles);

  async function isLive(tenantId: string): Promise<boolean> {
    const { rows } = await pool.query({
      text: 'SELECT FROM tenants WHERE id = $1 AND deleting_since IS NULL',
      values: [tenantId],
    });
    return rows.length > 0;
  }

  async function releaseFirst(db: Queryable, id: string): Promise<number> {
    const released = await releaseHeld(db, id, MOVED_AT_ONCE);
    if (released > 0) await notifyWaiting(db);
    return released;
  }

  /** Lets go of what goes at once. `isLeft`: the rest is for a workflow. */
  async function letGo(
    db: Queryable,
    id: string,
    how: HowToEnable,
  ): Promise<{ moved: number; isLeft: boolean }> {
    if (how.held === 'deliver' && how.perSecond !== null) return { moved: 0, isLeft: await hasHeld(db, id) };
    if (how.held === 'deliver') return { moved: await releaseFirst(db, id), isLeft: false };
    const { length: moved } = await discardHeld(db, id, MOVED_AT_ONCE);
    return { moved, isLeft: moved === MOVED_AT_ONCE };
  }

  return {
    async insert(tenantId, id, columns) {
      const all = { id, tenant_id: tenantId, ...columns };
      const names = Object.keys(all);
      const places = names.map((_, index) => `$${index + 3}`);
      const row = await changeEndpoint(pool, {
        tenantId,
        // Waits for a deletion of the tenant that has begun, and holds one up.
        text: `INSERT INTO endpoints (${names.join(', ')}) SELECT ${places.join(', ')}
                 FROM (SELECT FROM tenants WHERE id = $2 AND deleting_since IS NULL FOR SHARE) live
               ON CONFLICT (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING`,
        values: Object.values(all),
        telling: tellOf(`'endpoint.created'`),
        action: `'endpoint.created'`,
      });
      if (!row && !(await isLive(tenantId))) throw beingDeleted(tenantId);
      return row && read(row);
    },

    async findMade(tenantId, idempotencyKey) {
      const { rows } = await pool.query<EndpointRow>({
        text: `SELECT * FROM endpoints WHERE ${LIVE} AND idempotency_key = $2`,
        values: [tenantId, idempotencyKey],
      });
      const row = rows[0];
      return row ? { endpoint: read(row), origin: originFromRow(row, seal) } : null;
    },

    update: (tenantId, id, decide) =>
      transaction(pool, async (db) => {
        const found = await lockEndpoint(db, tenantId, id);
        if (!found) return null;
        const columns = decide(read(found));
        if (columns.enabled !== true) return read(await writeEndpoint(db, found, columns));
        const row = await writeEndpoint(db, found, found.enabled ? columns : { ...columns, release: null });
        await forgetFailing(db, id);
        if (row.release === null) await releaseFirst(db, id);
        return read(row);
      }),

    enable: (tenantId, id, how) =>
      transaction(pool, async (db) => {
        const found = await lockEndpoint(db, tenantId, id);
        if (!found) return null;
        await forgetFailing(db, id);
        // Nobody holds anything more: whoever would, waits for this row.
        const { moved, isLeft } = await letGo(db, id, how);
        const perSecond = how.held === 'deliver' ? how.perSecond : null;
        if (isLeft) await beginRelease(db, tenantId, id, perSecond);
        const facts = { held: how.held, ...(perSecond === null ? {} : { per_second: perSecond }) };
        const columns = {
          ...{ enabled: true, disabled_reason: null, slowed_until: null },
          release: isLeft ? how.held : null,
        };
        const isChange = !found.enabled || moved > 0 || isLeft;
        return read(await writeEndpoint(db, found, columns, isChange ? facts : null));
      }),

    recover: (tenantId, id) =>
      transaction(pool, async (db) => {
        const row = await changeEndpoint(db, {
          tenantId,
          text: `UPDATE endpoints SET enabled = true, disabled_reason = NULL, release = NULL, ${TOUCHED}
                  WHERE tenant_id = $2 AND id = $3 AND deleted_at IS NULL AND NOT enabled AND disabled_reason = 'failing'`,
          values: [id],
          telling: TELL_RECOVERED,
        });
        if (row) await releaseFirst(db, id);
        return row && read(row);
      }),

    async disableUnchanged({ tenantId, id, url, updatedAt }, reason) {
      // A Date has milliseconds.
      await changeEndpoint(pool, {
        tenantId,
        text: `UPDATE endpoints SET enabled = false, disabled_reason = $6, release = NULL, ${TOUCHED}
                WHERE tenant_id = $2 AND id = $3 AND enabled AND url = $4
                  AND date_trunc('milliseconds', updated_at) = $5`,
        values: [id, url, updatedAt, reason],
        telling: `${tellOf(UPDATED)}, ${NOTE_GONE}`,
      });
    },

    async find(tenantId, id) {
      const { rows } = await pool.query<EndpointRow>({
        name: 'endpoint-find',
        text: `SELECT *, ${failingSince('endpoints')} FROM endpoints WHERE ${LIVE} AND id = $2`,
        values: [tenantId, id],
      });
      return rows[0] ? read(rows[0]) : null;
    },

    async list(tenantId, limit, afterId) {
      const { rows } = await pool.query<EndpointRow>({
        name: 'endpoint-list',
        text: `SELECT *, ${failingSince('endpoints')} FROM endpoints WHERE ${LIVE} AND ($3::text IS NULL OR id > $3) ORDER BY id LIMIT $2`,
        values: [tenantId, limit, afterId],
      });
      return rows.map(read);
    },

    async findMany(wanted) {
      const { rows } = await pool.query<EndpointRow>({
        name: 'endpoint-find-many',
        text: `SELECT e.*, clock_timestamp() AS read_at FROM unnest($1::text[], $2::text[]) AS w (tenant_id, id)
                 JOIN endpoints e ON e.tenant_id = w.tenant_id AND e.id = w.id AND e.deleted_at IS NULL`,
        values: [wanted.map(({ tenantId }) => tenantId), wanted.map(({ id }) => id)],
      });
      const found = new Map(
        rows.map((row) => [`${row.tenant_id} ${row.id}`, endpointFromRow(row, seal, profiles)]),
      );
      return wanted.map(({ tenantId, id }) => found.get(`${tenantId} ${id}`) ?? null);
    },

    async listByUrl(prefix) {
      const { rows } = await pool.query<EndpointRow>({
        text: `SELECT * FROM endpoints WHERE deleted_at IS NULL AND starts_with(url || '/', $1) ORDER BY id DESC LIMIT 500`,
        values: [prefix],
      });
      return rows.map(read);
    },

    remove: (tenantId, id) =>
      transaction(pool, async (db) => {
        const row = await changeEndpoint(db, {
          tenantId,
          text: `UPDATE endpoints SET deleted_at = now(), enabled = false, release = NULL, secret = NULL, previous_secrets = '[]',
                        signing_key = NULL, client_certificate = NULL, auth = NULL, headers = '{}', idempotency_key = NULL, origin = NULL
                  WHERE tenant_id = $2 AND id = $3 AND deleted_at IS NULL`,
          values: [id],
          telling: tellOf(`'endpoint.deleted'`),
          action: `'endpoint.deleted'`,
        });
        if (!row) return null;
        await forgetFailing(db, id);
        await db.query({
          text: 'DELETE FROM endpoint_rates WHERE tenant_id = $1 AND endpoint_id = $2',
          values: [tenantId, id],
        });
        await endReplaysTo(db, tenantId, id);
        const cancelled = await cancelEndpointDeliveries(db, id, MOVED_AT_ONCE);
        await notifyCancelled(
          db,
          cancelled.map((delivery) => delivery.id),
        );
        return cancelled;
      }),
  };
}
