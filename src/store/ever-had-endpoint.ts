import type { Queryable } from './pool.ts';

/** Also true of a deleted one: its deliveries are still there. */
export async function everHadEndpoint(db: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'ever-had-endpoint',
    text: 'SELECT 1 FROM endpoints WHERE tenant_id = $1 AND id = $2',
    values: [tenantId, id],
  });
  return rowCount === 1;
}
