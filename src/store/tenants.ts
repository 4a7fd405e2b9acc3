import { Problem } from '../problem.ts';
import { beginTenantsEnd } from './delete-tenant.ts';
import { actorValues, audited } from './audit.ts';
import { CHANNELS, type Listener } from './listener.ts';
import type { Pool } from './pool.ts';
import { transaction } from './transaction.ts';

export interface Tenant {
  id: string;
  name: string | null;
  metadata: Record<string, string>;
  /** Who is told about endpoints that name nobody. */
  notifyEmails: string[];
  createdAt: Date;
  updatedAt: Date;
  /** When its end began; null: it has not. */
  deletingSince: Date | null;
}

export type TenantSettings = Pick<Tenant, 'name' | 'metadata' | 'notifyEmails'>;

export interface TenantRow {
  id: string;
  name: string | null;
  metadata: Record<string, string>;
  notify_emails: string[];
  created_at: Date;
  updated_at: Date;
  deleting_since: Date | null;
}

const COLUMNS = 'id, name, metadata, notify_emails, created_at, updated_at, deleting_since';
const FACTS = (row: string): string =>
  `json_build_object('name', ${row}.name, 'metadata', ${row}.metadata, 'notify_emails', ${row}.notify_emails)`;
const differ = (one: string, other: string): string =>
  `${FACTS(one)}::jsonb IS DISTINCT FROM ${FACTS(other)}::jsonb`;
const MAX_KNOWN = 100_000;

export interface TenantStore {
  /** First use creates it. Remembered, so that a known tenant costs nothing. Throws a Problem while it is being deleted. */
  ensure(id: string): Promise<void>;
  find(id: string): Promise<Tenant | null>;
  /** Throws a Problem while it is being deleted. */
  put(id: string, settings: TenantSettings): Promise<Tenant>;
  /** What every token of the tenant holds. Null: there is no such tenant, or it is being deleted. */
  tokenEpoch(id: string): Promise<string | null>;
  /** Another one: no token of the tenant is valid any more. Every process hears of it. */
  renewTokenEpoch(id: string): Promise<void>;
  /** As beginTenantsEnd, in a transaction. */
  beginEnd(id: string): Promise<string[] | null>;
}

export function createTenantStore(pool: Pool, listener: Listener): TenantStore {
  const known = new Set<string>();
  /** Whether what was asked before it may be remembered. */
  let changes = 0;

  function forget(forgotten: () => void): void {
    changes += 1;
    forgotten();
  }
  listener.on(CHANNELS.tenants, (id) => forget(() => known.delete(id)));
  listener.onConnect(() => forget(() => known.clear()));

  return {
    async ensure(id) {
      // While notifications may be missed, nothing is taken for known.
      if (known.has(id) && listener.connected()) return;
      const changesBefore = changes;
      const { rows } = await pool.query({
        name: 'tenant-ensure',
        text: `WITH made AS (INSERT INTO tenants (id) VALUES ($1) ON CONFLICT DO NOTHING)
               SELECT FROM tenants WHERE id = $1 AND deleting_since IS NOT NULL`,
        values: [id],
      });
      if (rows.length > 0) throw beingDeleted(id);
      if (changes !== changesBefore) return;
      if (known.size >= MAX_KNOWN) known.clear();
      known.add(id);
    },
    async find(id) {
      const { rows } = await pool.query<TenantRow>({
        name: 'tenant-find',
        text: `SELECT ${COLUMNS} FROM tenants WHERE id = $1`,
        values: [id],
      });
      return rows[0] ? tenantFromRow(rows[0]) : null;
    },
    async put(id, { name, metadata, notifyEmails }) {
      const { rows } = await pool.query<TenantRow>({
        text: `WITH put AS (
                 INSERT INTO tenants (id, name, metadata, notify_emails) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (id) DO UPDATE SET name = $2, metadata = $3, notify_emails = $4,
                    updated_at = CASE WHEN ${differ('tenants', 'excluded')} THEN now() ELSE tenants.updated_at END
                    WHERE tenants.deleting_since IS NULL
                 RETURNING *
               ), ${audited('put p LEFT JOIN tenants b ON b.id = p.id', 5, {
                 ...{ tenant: 'p.id', action: `'tenant.updated'`, subject: 'p.id' },
                 ...{ before: FACTS('b'), after: FACTS('p'), where: differ('b', 'p') },
               })}
               SELECT ${COLUMNS} FROM put`,
        values: [id, name, JSON.stringify(metadata), notifyEmails, ...actorValues()],
      });
      if (!rows[0]) throw beingDeleted(id);
      return tenantFromRow(rows[0]);
    },
    async tokenEpoch(id) {
      const { rows } = await pool.query<{ token_epoch: string }>({
        text: 'SELECT token_epoch FROM tenants WHERE id = $1 AND deleting_since IS NULL',
        values: [id],
      });
      return rows[0]?.token_epoch ?? null;
    },
    async renewTokenEpoch(id) {
      await pool.query({
        text: `WITH renewed AS (UPDATE tenants SET token_epoch = gen_random_uuid() WHERE id = $1 RETURNING id),
                    ${audited('renewed', 3, { tenant: 'id', action: `'token.revoked'`, subject: 'id' })}
               SELECT pg_notify($2, id) FROM renewed`,
        values: [id, CHANNELS.tenants, ...actorValues()],
      });
    },
    async beginEnd(id) {
      const endpointIds = await transaction(pool, (db) => beginTenantsEnd(db, id));
      // Others hear of it, and so does this process, but here somebody is told that it has begun.
      forget(() => known.delete(id));
      return endpointIds;
    },
  };
}

export const beingDeleted = (id: string): Problem =>
  new Problem(
    'tenant_being_deleted',
    `Tenant "${id}" is being deleted: it may be used anew when it is gone.`,
  );

export function tenantFromRow(row: TenantRow): Tenant {
  return {
    id: row.id,
    name: row.name,
    metadata: row.metadata,
    notifyEmails: row.notify_emails,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletingSince: row.deleting_since,
  };
}
