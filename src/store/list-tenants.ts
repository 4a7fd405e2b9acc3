import { conditions, queryPage, type Page } from './list-page.ts';
import type { Queryable } from './pool.ts';
import { tenantFromRow, type Tenant, type TenantRow } from './tenants.ts';

/** By id, descending. `search`: somewhere in the id or the name, in upper or lower case. */
export async function listTenants(
  db: Queryable,
  { search, before, limit }: { search: string | undefined; before: string | null; limit: number },
): Promise<Page<Tenant>> {
  const values: unknown[] = [];
  const indexed = ['true', ...conditions(values, [['id < ?', before]])];
  const indexedValues = values.length;
  const rest = conditions(values, [
    [`strpos(lower(id || ' ' || coalesce(name, '')), ?) > 0`, search?.toLowerCase()],
  ]);
  const page = await queryPage<TenantRow>(db, {
    ...{ table: 'tenants', order: ['id'], columns: '*', indexed, rest, values, indexedValues, limit },
  });
  return { ...page, rows: page.rows.map(tenantFromRow) };
}
