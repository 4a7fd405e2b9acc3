import type { Scope } from '../access/credential.ts';
import { actorValues, audited } from './audit.ts';
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';

/** A caller's key without the key: that is shown once, and kept nowhere. */
export interface ApiKey {
  id: string;
  tenantId: string | null;
  name: string;
  /** The beginning of the key. */
  prefix: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
}

export interface UsableKey extends ApiKey {
  /** SHA-256 of the key, as hex. */
  digest: string;
}

interface KeyRow {
  id: string;
  tenant_id: string | null;
  name: string;
  digest: string;
  prefix: string;
  scopes: Scope[];
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

const COLUMNS = `id, tenant_id, name, encode(digest, 'hex') AS digest, prefix, scopes, created_at, expires_at, revoked_at,
  last_used_at`;

function keyFromRow(row: KeyRow): UsableKey {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    digest: row.digest,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}

export type NewApiKey = Pick<
  UsableKey,
  'id' | 'tenantId' | 'name' | 'digest' | 'prefix' | 'scopes' | 'expiresAt'
>;

/** About no tenant: those who see a tenant's audit log are not those who manage keys. */
const AUDITED_KEY = { tenant: `''`, subject: 'id' };
const KEY_FACTS = `json_build_object('name', name, 'prefix', prefix, 'scopes', scopes, 'tenant_id', tenant_id, 'expires_at', expires_at)`;

/** Every process hears of it. Null: there are `limit` keys already, or its tenant is being deleted. */
export async function insertApiKey(db: Queryable, key: NewApiKey, limit: number): Promise<ApiKey | null> {
  const { rows } = await db.query<KeyRow>({
    text: `WITH live AS (
             -- waits for a deletion that has begun, which then removes the tenant's keys, and holds one up
             SELECT FROM tenants WHERE id = $2 AND deleting_since IS NULL FOR SHARE
           ), made AS (
             INSERT INTO api_keys (id, tenant_id, name, digest, prefix, scopes, expires_at)
             SELECT $1, $2, $3, decode($4, 'hex'), $5, $6, $7
              WHERE (SELECT count(*) FROM (SELECT FROM api_keys WHERE revoked_at IS NULL LIMIT $8) t) < $8
                AND ($2::text IS NULL OR EXISTS (SELECT FROM live))
             RETURNING *
           ), ${audited('made', 10, { ...AUDITED_KEY, action: `'key.created'`, after: KEY_FACTS })}
           SELECT ${COLUMNS}, pg_notify($9, id) FROM made`,
    values: [
      key.id,
      key.tenantId,
      key.name,
      key.digest,
      key.prefix,
      key.scopes,
      key.expiresAt,
      limit,
      CHANNELS.keys,
      ...actorValues(),
    ],
  });
  return rows[0] ? keyFromRow(rows[0]) : null;
}

/** Newest first, after the cursor. With `tenantId`, that tenant's. */
export async function listApiKeys(
  db: Queryable,
  { tenantId, before, limit }: { tenantId: string | null; before: string | null; limit: number },
): Promise<ApiKey[]> {
  const { rows } = await db.query<KeyRow>({
    text: `SELECT ${COLUMNS} FROM api_keys
            WHERE ($1::text IS NULL OR tenant_id = $1) AND ($2::text IS NULL OR id < $2)
            ORDER BY id DESC LIMIT $3`,
    values: [tenantId, before, limit],
  });
  return rows.map(keyFromRow);
}

export async function findApiKey(db: Queryable, id: string): Promise<ApiKey | null> {
  const { rows } = await db.query<KeyRow>({
    text: `SELECT ${COLUMNS} FROM api_keys WHERE id = $1`,
    values: [id],
  });
  return rows[0] ? keyFromRow(rows[0]) : null;
}

/** Every process hears of it. Null: there is no such key, or it is revoked. */
export async function changeApiKey(
  db: Queryable,
  id: string,
  { name, expiresAt }: { name?: string | undefined; expiresAt?: Date | null | undefined },
): Promise<ApiKey | null> {
  const { rows } = await db.query<KeyRow>({
    text: `WITH found AS (
             SELECT *, ${KEY_FACTS} AS facts FROM api_keys WHERE id = $1 AND revoked_at IS NULL FOR UPDATE
           ), changed AS (
             UPDATE api_keys k SET name = coalesce($2, k.name), expires_at = CASE WHEN $3 THEN $4 ELSE k.expires_at END
               FROM found WHERE k.id = found.id RETURNING k.*, found.facts AS facts_before
           ), ${audited('changed', 6, { ...AUDITED_KEY, action: `'key.changed'`, before: 'facts_before', after: KEY_FACTS, where: `facts_before::jsonb <> ${KEY_FACTS}::jsonb` })}
           SELECT ${COLUMNS}, pg_notify($5, id) FROM changed`,
    values: [id, name ?? null, expiresAt !== undefined, expiresAt ?? null, CHANNELS.keys, ...actorValues()],
  });
  return rows[0] ? keyFromRow(rows[0]) : null;
}

/** Every process hears of it. Null: there is no such key. One that is revoked stays so since then. */
export async function revokeApiKey(db: Queryable, id: string): Promise<ApiKey | null> {
  const { rows } = await db.query<KeyRow>({
    text: `WITH found AS (
             SELECT id, revoked_at AS was_revoked_at FROM api_keys WHERE id = $1 FOR UPDATE
           ), gone AS (
             UPDATE api_keys k SET revoked_at = coalesce(k.revoked_at, now())
               FROM found WHERE k.id = found.id RETURNING k.*, found.was_revoked_at
           ), ${audited('gone', 3, { ...AUDITED_KEY, action: `'key.revoked'`, before: KEY_FACTS, where: 'was_revoked_at IS NULL' })}
           SELECT ${COLUMNS}, pg_notify($2, id) FROM gone`,
    values: [id, CHANNELS.keys, ...actorValues()],
  });
  return rows[0] ? keyFromRow(rows[0]) : null;
}

/** Those that may still be used: all of them, those of some ids, or the one of a digest. */
export async function usableApiKeys(
  db: Queryable,
  which: { ids: string[] } | { digest: string } | 'all',
): Promise<UsableKey[]> {
  const [condition, values] =
    which === 'all'
      ? ['', []]
      : 'ids' in which
        ? ['AND id = ANY ($1)', [which.ids]]
        : [`AND digest = decode($1, 'hex')`, [which.digest]];
  const { rows } = await db.query<KeyRow>({
    text: `SELECT ${COLUMNS} FROM api_keys
            WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) ${condition}`,
    values,
  });
  return rows.map(keyFromRow);
}

/** Notes when keys were last used, as far as that is later than what is noted. */
export async function noteKeyUses(db: Queryable, uses: { id: string; at: Date }[]): Promise<void> {
  await db.query({
    text: `UPDATE api_keys k SET last_used_at = u.at FROM unnest($1::text[], $2::timestamptz[]) AS u (id, at)
            WHERE k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)`,
    values: [uses.map(({ id }) => id), uses.map(({ at }) => at.toISOString())],
  });
}

/** Forgets keys that have been of no use since `before`. */
export async function pruneApiKeys(db: Queryable, before: Date): Promise<number> {
  const { rowCount } = await db.query({
    text: 'DELETE FROM api_keys WHERE least(revoked_at, expires_at) < $1',
    values: [before],
  });
  return rowCount ?? 0;
}
