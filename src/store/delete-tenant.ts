/** The end of a tenant: what it has set up goes at once, what it has published and received in pieces. */
import { UNENDED } from '../lifecycle.ts';
import type { CancelledDelivery } from './delivery-state.ts';
import { writeAudit } from './audit.ts';
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';

/** Rows of one statement: a fraction of a second. */
const AT_ONCE = 2_000;

/**
 * Deliveries first: without them nothing is attempted any more. Endpoints towards the end, for what was being made when
 * the tenant's end began; and then what their attempts are counted in, to which only endpoints that are there add.
 */
const TABLES = [
  { table: 'deliveries', key: 'id' },
  { table: 'attempts', key: 'delivery_id' },
  { table: 'events', key: 'uid' },
  { table: 'event_keys', key: 'event_uid' },
  { table: 'notices', key: 'id' },
  { table: 'failing_endpoints', key: 'endpoint_id' },
  { table: 'replays', key: 'id' },
  { table: 'releases', key: 'endpoint_id' },
  { table: 'lanes', key: 'endpoint_id' },
  { table: 'endpoint_rates', key: 'endpoint_id' },
  { table: 'endpoints', key: 'id' },
  { table: 'api_keys', key: 'id' },
  { table: 'audit_log', key: 'id' },
  { table: 'stats', key: 'endpoint_id' },
] as const;

/**
 * Within a transaction: marks the tenant, so that nothing new is taken for it, and removes its endpoints with all their
 * secrets, and its keys; every process is told. Returns the endpoints' ids; null: there is no such tenant.
 */
export async function beginTenantsEnd(db: Queryable, tenantId: string): Promise<string[] | null> {
  const marked = await db.query({
    text: `UPDATE tenants SET deleting_since = coalesce(deleting_since, now()), name = NULL, metadata = '{}',
                   notify_emails = '{}'
            WHERE id = $1 RETURNING pg_notify($2, id)`,
    values: [tenantId, CHANNELS.tenants],
  });
  if (marked.rowCount === 0) return null;
  // About no tenant: what is about this one goes with it.
  await writeAudit(db, [{ tenantId: null, action: 'tenant.deleted', subjectId: tenantId }]);
  const { rows } = await db.query<{ id: string }>({
    text: `WITH gone AS (DELETE FROM endpoints WHERE tenant_id = $1 RETURNING id)
           SELECT id, pg_notify($2, $1 || ' ' || id) FROM gone`,
    values: [tenantId, CHANNELS.endpoints],
  });
  await db.query({
    text: `WITH gone AS (DELETE FROM api_keys WHERE tenant_id = $1 RETURNING id) SELECT pg_notify($2, id) FROM gone`,
    values: [tenantId, CHANNELS.keys],
  });
  return rows.map(({ id }) => id);
}

export interface Piece {
  rows: number;
  /** Deliveries among them that had not ended. */
  unended: CancelledDelivery[];
  /** Replays among them that had not ended. */
  replays: { tenantId: string; id: string; endpointId: string }[];
}

/** Deletes all rows of a tenant that is marked for it, and hands over each piece when it is gone. Begins anew at any time. */
export async function deleteTenantRows(
  db: Queryable,
  tenantId: string,
  onPiece: (piece: Piece) => Promise<void>,
): Promise<void> {
  for (const { table, key } of TABLES) {
    for (let after = ''; ;) {
      const { rows } = await db.query<{ last: string | null }>({
        text: `SELECT max(key) AS last FROM (SELECT ${key} AS key FROM ${table} WHERE tenant_id = $1 AND ${key} > $2
                                              ORDER BY ${key} LIMIT $3) t`,
        values: [tenantId, after, AT_ONCE],
      });
      const { last } = rows[0]!;
      if (last === null) break;
      await onPiece(await deletePiece(db, table, key, [tenantId, after, last]));
      after = last;
    }
  }
}

/** `bounds`: the tenant, and the key's range. Nothing, when the tenant is not (any more) marked: it may be a new one. */
async function deletePiece(
  db: Queryable,
  table: (typeof TABLES)[number]['table'],
  key: string,
  bounds: [tenantId: string, after: string, last: string],
): Promise<Piece> {
  const text = `DELETE FROM ${table} WHERE tenant_id = $1 AND ${key} > $2 AND ${key} <= $3
                   AND EXISTS (SELECT FROM tenants WHERE id = $1 AND deleting_since IS NOT NULL)`;
  if (table === 'replays') {
    const { rows } = await db.query<Piece['replays'][number] & { unended: boolean }>({
      text: `${text} RETURNING tenant_id AS "tenantId", id, endpoint_id AS "endpointId", completed_at IS NULL AS unended`,
      values: bounds,
    });
    return { rows: rows.length, unended: [], replays: rows.filter(({ unended }) => unended) };
  }
  if (table !== 'deliveries')
    return { rows: (await db.query({ text, values: bounds })).rowCount ?? 0, unended: [], replays: [] };
  const { rows } = await db.query<CancelledDelivery & { unended: boolean }>({
    text: `${text} RETURNING id, workflow_id AS "workflowId", status IN ${statusList(UNENDED)} AS unended`,
    values: bounds,
  });
  return { rows: rows.length, unended: rows.filter(({ unended }) => unended), replays: [] };
}

/** Forgets the tenant. From then on it may be made anew. */
export async function endTenant(db: Queryable, tenantId: string): Promise<void> {
  await db.query({
    text: 'DELETE FROM tenants WHERE id = $1 AND deleting_since IS NOT NULL',
    values: [tenantId],
  });
}

/** Tenants whose end has begun some time ago and is not reached. */
export async function tenantsBeingDeleted(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    text: `SELECT id FROM tenants WHERE deleting_since < now() - interval '1 minute' ORDER BY deleting_since LIMIT 100`,
  });
  return rows.map(({ id }) => id);
}
