import type { LaneId } from './claim-lane.ts';
import type { Queryable } from './pool.ts';

/**
 * Their endpoints were changed: what waits may be sent sooner. As in WAKE_LANES the number counts on, for whoever is about
 * to leave. In which nothing can be sent (held), nothing changes.
 */
export async function wakeLanes(db: Queryable, lanes: LaneId[]): Promise<void> {
  await db.query({
    name: 'wake-lanes',
    text: `UPDATE lanes SET last_place = last_place + 1, due_at = least(due_at, now())
            WHERE (tenant_id, endpoint_id) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND due_at IS NOT NULL`,
    values: [lanes.map(({ tenantId }) => tenantId), lanes.map(({ endpointId }) => endpointId)],
  });
}
