import type { AttemptTrigger } from '../domain.ts';
import { createdAtMs, lowestDeliveryIdAt } from '../ids.ts';
import type { Queryable } from './pool.ts';

/** What an event led to, oldest first. No delivery is older than its event, so earlier days are left out. */
export async function listEventDeliveries(
  db: Queryable,
  tenantId: string,
  eventUid: string,
): Promise<{ id: string; trigger: AttemptTrigger }[]> {
  const { rows } = await db.query<{ id: string; trigger: AttemptTrigger }>({
    name: 'list-event-deliveries',
    text: `SELECT id, trigger FROM deliveries WHERE tenant_id = $1 AND event_uid = $2 AND id >= $3 ORDER BY id`,
    values: [tenantId, eventUid, lowestDeliveryIdAt(new Date(createdAtMs(eventUid)))],
  });
  return rows;
}
