import { IN_SHORT, type ListedAttempt } from './list-attempts.ts';
import type { Queryable } from './pool.ts';

/** Of each endpoint the attempt that began last, by endpoint; of some there is none. */
export async function lastEndpointAttempts(
  db: Queryable,
  tenantId: string,
  endpointIds: string[],
): Promise<Map<string, ListedAttempt>> {
  if (endpointIds.length === 0) return new Map();
  const { rows } = await db.query<ListedAttempt & { endpointId: string }>({
    text: `SELECT e.id AS "endpointId", last.* FROM unnest($2::text[]) AS e (id)
            CROSS JOIN LATERAL (
              SELECT ${IN_SHORT} FROM attempts WHERE tenant_id = $1 AND endpoint_id = e.id
               ORDER BY started_at DESC, delivery_id DESC, number DESC LIMIT 1) last`,
    values: [tenantId, endpointIds],
  });
  return new Map(rows.map((row) => [row.endpointId, row]));
}
