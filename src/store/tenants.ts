import type { Pool } from './pool.ts';

export interface Tenant {
  id: string;
  name: string | null;
  metadata: Record<string, string>;
  createdAt: Date;
  updatedAt: Date;
}

interface TenantRow {
  id: string;
  name: string | null;
  metadata: Record<string, string>;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = 'id, name, metadata, created_at, updated_at';
const MAX_KNOWN = 100_000;

export interface TenantStore {
  /** First use creates it. Remembered, so that a known tenant costs nothing. */
  ensure(id: string): Promise<void>;
  find(id: string): Promise<Tenant | null>;
  put(id: string, name: string | null, metadata: Record<string, string>): Promise<Tenant>;
}

export function createTenantStore(pool: Pool): TenantStore {
  const known = new Set<string>();

  function read(row: TenantRow): Tenant {
    return {
      id: row.id,
      name: row.name,
      metadata: row.metadata,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
  }

  return {
    async ensure(id) {
      if (known.has(id)) return;
      await pool.query({
        name: 'tenant-ensure',
        text: 'INSERT INTO tenants (id) VALUES ($1) ON CONFLICT DO NOTHING',
        values: [id],
      });
      if (known.size >= MAX_KNOWN) known.clear();
      known.add(id);
    },
    async find(id) {
      const { rows } = await pool.query<TenantRow>({
        name: 'tenant-find',
        text: `SELECT ${COLUMNS} FROM tenants WHERE id = $1`,
        values: [id],
      });
      return rows[0] ? read(rows[0]) : null;
    },
    async put(id, name, metadata) {
      const { rows } = await pool.query<TenantRow>({
        text: `INSERT INTO tenants (id, name, metadata) VALUES ($1, $2, $3)
               ON CONFLICT (id) DO UPDATE SET name = $2, metadata = $3, updated_at = now()
               RETURNING ${COLUMNS}`,
        values: [id, name, JSON.stringify(metadata)],
      });
      return read(rows[0]!);
    },
  };
}
