import { listEventDeliveries } from './list-event-deliveries.ts';
import type { Queryable } from './pool.ts';

/** An event that was accepted before, as its repeat must be answered. */
export interface AcceptedEvent {
  id: string;
  /** Null where it was not found by its idempotency key. */
  requestHash: string | null;
  deliveryIds: string[];
}

/** Finds an accepted event by its id or, where given, by its idempotency key (which goes first). */
export async function findAccepted(
  db: Queryable,
  tenantId: string,
  eventId: string,
  idempotencyKey: string | null,
): Promise<AcceptedEvent | null> {
  const { rows } = await db.query<{ uid: string; id: string; request_hash: string | null }>({
    name: 'find-accepted',
    text: `(SELECT event_uid AS uid, coalesce(event_id, event_uid) AS id, request_hash, 1 AS rank
              FROM event_keys WHERE tenant_id = $1 AND idempotency_key = $3)
           UNION ALL
           (SELECT event_uid, event_id, NULL, 2 FROM event_keys WHERE tenant_id = $1 AND event_id = $2)
           UNION ALL
           (SELECT uid, id, NULL, 3 FROM events WHERE tenant_id = $1 AND uid = $2)
           ORDER BY rank LIMIT 1`,
    values: [tenantId, eventId, idempotencyKey],
  });
  const row = rows[0];
  if (!row) return null;
  const deliveries = await listEventDeliveries(db, tenantId, row.uid);
  const deliveryIds = deliveries
    .filter(({ trigger }) => trigger === 'schedule' || trigger === 'test')
    .map(({ id }) => id);
  return { id: row.id, requestHash: row.request_hash, deliveryIds };
}
