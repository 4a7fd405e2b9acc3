import type { AttemptTrigger, Endpoint, EventRecord } from '../domain.ts';
import type { Queryable } from './pool.ts';

/** A delivery about to be written with its event. */
export interface NewDelivery {
  id: string;
  endpoint: Endpoint;
  trigger: AttemptTrigger;
  status: 'pending' | 'held';
  /** This process has room for it and will attempt it; else it waits in the table for any worker. */
  claimed: boolean;
}

export interface NewEvent {
  event: EventRecord;
  idempotencyKey: string | null;
  requestHash: string | null;
  createdAt: Date;
  deliveries: NewDelivery[];
}

const TEXT = `
WITH event_in AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
                       $8::text[], $9::timestamptz[])
    AS t (tenant_id, id, type, environment, "timestamp", data, idempotency_key, request_hash, created_at)
), event_out AS (
  INSERT INTO events (tenant_id, id, type, environment, "timestamp", data, idempotency_key, request_hash, created_at)
  -- in one order everywhere: two groups that hold the same ids must not wait for each other
  SELECT * FROM event_in ORDER BY tenant_id, id
  ON CONFLICT DO NOTHING
  RETURNING tenant_id, id
), delivery_out AS (
  INSERT INTO deliveries (id, tenant_id, event_id, endpoint_id, event_type, environment, trigger, status, claimed_by,
                          created_at)
  SELECT d.id, e.tenant_id, e.id, d.endpoint_id, e.type, e.environment, d.trigger, d.status, d.claimed_by, e.created_at
    FROM unnest($10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::bigint[])
           AS d (id, event_index, endpoint_id, trigger, status, claimed_by)
    JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $9::timestamptz[]) WITH ORDINALITY
           AS e (tenant_id, id, type, environment, created_at, index) ON e.index = d.event_index
    JOIN event_out o ON o.tenant_id = e.tenant_id AND o.id = e.id
)
SELECT tenant_id, id FROM event_out`;

/**
 * Writes events and their deliveries in one statement. Returns for each whether it is new; one that is not (same
 * id or same idempotency key) leaves nothing behind. A group must not hold the same id or key twice.
 */
export async function insertEvents(
  db: Queryable,
  group: NewEvent[],
  processId: number | null,
): Promise<boolean[]> {
  const deliveries = group.flatMap(({ deliveries: list }, index) =>
    list.map((delivery) => ({ delivery, eventIndex: index + 1 })),
  );
  const { rows } = await db.query<{ tenant_id: string; id: string }>({
    name: 'insert-events',
    text: TEXT,
    values: [
      group.map(({ event }) => event.tenantId),
      group.map(({ event }) => event.id),
      group.map(({ event }) => event.type),
      group.map(({ event }) => event.environment),
      group.map(({ event }) => event.timestamp.toISOString()),
      group.map(({ event }) => event.data),
      group.map(({ idempotencyKey }) => idempotencyKey),
      group.map(({ requestHash }) => requestHash),
      group.map(({ createdAt }) => createdAt.toISOString()),
      deliveries.map(({ delivery }) => delivery.id),
      deliveries.map(({ eventIndex }) => eventIndex),
      deliveries.map(({ delivery }) => delivery.endpoint.id),
      deliveries.map(({ delivery }) => delivery.trigger),
      deliveries.map(({ delivery }) => delivery.status),
      deliveries.map(({ delivery }) => (delivery.claimed ? processId : null)),
    ],
  });
  const written = new Set(rows.map((row) => `${row.tenant_id}\n${row.id}`));
  return group.map(({ event }) => written.has(`${event.tenantId}\n${event.id}`));
}
