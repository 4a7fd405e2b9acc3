import type { Queryable } from './pool.ts';

/** An event that was accepted before, as its repeat must be answered. */
export interface AcceptedEvent {
  id: string;
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
  const { rows } = await db.query<{ id: string; request_hash: string | null; delivery_ids: string[] }>({
    name: 'find-accepted',
    text: `SELECT e.id, e.request_hash,
                  ARRAY(SELECT d.id FROM deliveries d
                         WHERE d.tenant_id = e.tenant_id AND d.event_id = e.id AND d.trigger IN ('schedule', 'test')
                         ORDER BY d.id) AS delivery_ids
             FROM events e
            WHERE e.tenant_id = $1 AND (e.id = $2 OR e.idempotency_key = $3)
            ORDER BY (e.idempotency_key IS NOT DISTINCT FROM $3) DESC
            LIMIT 1`,
    values: [tenantId, eventId, idempotencyKey],
  });
  const row = rows[0];
  return row ? { id: row.id, requestHash: row.request_hash, deliveryIds: row.delivery_ids } : null;
}
