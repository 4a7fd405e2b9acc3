import type { Environment, Ordering } from '../domain.ts';
import type { Queryable } from './pool.ts';

/** Of an endpoint, what decides whether an event is for it. */
export interface Subscription {
  id: string;
  /** What comes is sent, and not held. */
  enabled: boolean;
  ordering: Ordering;
  events: string[];
  environments: Environment[];
}

/** A tenant's endpoints in the order of their ids: all after `afterId`, or those of `ids` that (still) exist. */
export async function listSubscriptions(
  db: Queryable,
  tenantId: string,
  wanted: { afterId: string; limit: number } | { ids: string[] },
): Promise<Subscription[]> {
  const [name, condition, values] =
    'ids' in wanted
      ? ['find-subscriptions', 'id = ANY($2)', [wanted.ids]]
      : ['list-subscriptions', 'id > $2 ORDER BY id LIMIT $3', [wanted.afterId, wanted.limit]];
  const { rows } = await db.query<Subscription>({
    name,
    text: `SELECT id, enabled AND release IS DISTINCT FROM 'deliver' AS enabled, ordering, events, environments FROM endpoints
            WHERE tenant_id = $1 AND deleted_at IS NULL AND ${condition}`,
    values: [tenantId, ...values],
  });
  return rows;
}
