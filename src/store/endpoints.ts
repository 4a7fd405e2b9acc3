import type { Endpoint, EndpointAuth, PreviousSecret } from '../domain.ts';
import type { Profiles } from '../profiles/index.ts';
import { endpointFromRow, type EndpointRow } from './endpoint-row.ts';
import { CHANNELS } from './listener.ts';
import type { Pool } from './pool.ts';
import type { Seal } from './seal.ts';

/** Column → value; only the columns named are written. Values are as stored (see {@link endpointColumns}). */
export type EndpointColumns = Record<string, unknown>;

export interface EndpointStore {
  insert(tenantId: string, id: string, columns: EndpointColumns): Promise<Endpoint>;
  /** Null when the tenant has no such endpoint. */
  update(tenantId: string, id: string, columns: EndpointColumns): Promise<Endpoint | null>;
  find(tenantId: string, id: string): Promise<Endpoint | null>;
  /** In order of creation, after `afterId`. */
  list(tenantId: string, limit: number, afterId: string | null): Promise<Endpoint[]>;
  listAll(tenantId: string): Promise<Endpoint[]>;
  /** Of all tenants, those whose url begins so, newest first. */
  listByUrl(prefix: string): Promise<Endpoint[]>;
  /** Keeps the row for the logs, forgets every secret in it, and cancels what had not been delivered. */
  remove(tenantId: string, id: string): Promise<boolean>;
}

const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

export function createEndpointStore(pool: Pool, seal: Seal, profiles: Profiles): EndpointStore {
  const read = (row: EndpointRow) => endpointFromRow(row, seal, profiles);

  /** Runs one statement and tells every process, in one transaction, that this tenant's endpoints changed. */
  async function change(tenantId: string, text: string, values: unknown[]): Promise<EndpointRow | null> {
    const { rows } = await pool.query<EndpointRow>({
      text: `WITH changed AS (${text} RETURNING *), told AS (SELECT pg_notify($1, $2))
             SELECT changed.* FROM changed, told`,
      values: [CHANNELS.endpoints, tenantId, ...values],
    });
    return rows[0] ?? null;
  }

  return {
    async insert(tenantId, id, columns) {
      const all = { id, tenant_id: tenantId, ...columns };
      const names = Object.keys(all);
      const places = names.map((_, index) => `$${index + 3}`);
      const row = await change(
        tenantId,
        `INSERT INTO endpoints (${names.join(', ')}) VALUES (${places.join(', ')})`,
        Object.values(all),
      );
      return read(row!);
    },

    async update(tenantId, id, columns) {
      const names = Object.keys(columns);
      const assignments = [...names.map((name, index) => `${name} = $${index + 4}`), 'updated_at = now()'];
      const row = await change(
        tenantId,
        `UPDATE endpoints SET ${assignments.join(', ')} WHERE tenant_id = $2 AND id = $3 AND deleted_at IS NULL`,
        [id, ...Object.values(columns)],
      );
      return row && read(row);
    },

    async find(tenantId, id) {
      const { rows } = await pool.query<EndpointRow>({
        name: 'endpoint-find',
        text: `SELECT * FROM endpoints WHERE ${LIVE} AND id = $2`,
        values: [tenantId, id],
      });
      return rows[0] ? read(rows[0]) : null;
    },

    async list(tenantId, limit, afterId) {
      const { rows } = await pool.query<EndpointRow>({
        name: 'endpoint-list',
        text: `SELECT * FROM endpoints WHERE ${LIVE} AND ($3::text IS NULL OR id > $3) ORDER BY id LIMIT $2`,
        values: [tenantId, limit, afterId],
      });
      return rows.map(read);
    },

    async listAll(tenantId) {
      const { rows } = await pool.query<EndpointRow>({
        name: 'endpoint-list-all',
        text: `SELECT * FROM endpoints WHERE ${LIVE} ORDER BY id`,
        values: [tenantId],
      });
      return rows.map(read);
    },

    async listByUrl(prefix) {
      const { rows } = await pool.query<EndpointRow>({
        text: `SELECT * FROM endpoints WHERE deleted_at IS NULL AND starts_with(url || '/', $1) ORDER BY id DESC LIMIT 500`,
        values: [prefix],
      });
      return rows.map(read);
    },

    async remove(tenantId, id) {
      const row = await change(
        tenantId,
        `UPDATE endpoints SET deleted_at = now(), enabled = false, secret = NULL, previous_secrets = '[]', auth = NULL,
                headers = '{}' WHERE tenant_id = $2 AND id = $3 AND deleted_at IS NULL`,
        [id],
      );
      if (!row) return false;
      await pool.query({
        text: `UPDATE deliveries SET status = 'cancelled', next_attempt_at = NULL, completed_at = now()
                WHERE endpoint_id = $1 AND status IN ('pending', 'retrying', 'held')`,
        values: [id],
      });
      return true;
    },
  };
}

/** How the parts of an endpoint that need sealing or encoding are stored. */
export function sealedColumns(
  seal: Seal,
  parts: {
    secret?: string | null;
    previousSecrets?: PreviousSecret[];
    auth?: EndpointAuth | null;
    headers?: Record<string, string>;
  },
): EndpointColumns {
  const columns: EndpointColumns = {};
  if (parts.secret !== undefined) columns.secret = parts.secret === null ? null : seal.close(parts.secret);
  if (parts.previousSecrets !== undefined) {
    columns.previous_secrets = JSON.stringify(
      parts.previousSecrets.map(({ secret, validUntil }) => ({
        secret: seal.close(secret),
        valid_until: validUntil,
      })),
    );
  }
  if (parts.auth !== undefined)
    columns.auth = parts.auth === null ? null : seal.close(JSON.stringify(parts.auth));
  if (parts.headers !== undefined) columns.headers = seal.close(JSON.stringify(parts.headers));
  return columns;
}
