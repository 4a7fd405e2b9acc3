import type { AttemptTrigger, EventRecord } from '../domain.ts';
import { arrayLiteral } from './array-literal.ts';
import { ENTERED_LANES, LANE_PLACES, PLANNED_WORKFLOW, type EnteredLane } from './lane-places.ts';
import { pausedOf, PLANNED_STATUS, seemPaused } from './planned-status.ts';
import type { Queryable } from './pool.ts';

/** A delivery about to be written with its event. */
export interface NewDelivery {
  id: string;
  endpointId: string;
  trigger: AttemptTrigger;
  /** `held` where the endpoint seems to be disabled; whether it is, its row decides. */
  status: 'pending' | 'held';
  /** This process has room for it and will attempt it; else it waits in the table for any worker. */
  claimed: boolean;
  /** Set where its endpoint is `fifo`: the event's ordering key, '' without one. Then it is not claimed. */
  laneKey?: string;
}

export interface NewEvent {
  /** Our id; `event.id` is the same unless the caller gave one. */
  uid: string;
  event: EventRecord;
  orderingKey?: string | null;
  idempotencyKey: string | null;
  requestHash: string | null;
  createdAt: Date;
  deliveries: NewDelivery[];
  /**
   * The process that claims its deliveries: under the number it had when they were first written. Should that have been
   * taken from it since, the next try claims nothing for the new one, which would not know of it.
   */
  claimedBy: number | null;
}

/** `orderingKeys`: a parameter with them, or none has one. */
const eventsOut = (orderingKeys: string | null): string => `
event_in AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                       $8::timestamptz[], $9::text[], $10::text[], $11::text[]${orderingKeys ? `, ${orderingKeys}::text[]` : ''})
    AS t (tenant_id, uid, id, type, environment, "timestamp", data, created_at, own_id, idempotency_key, request_hash
          ${orderingKeys ? ', ordering_key' : ''})
), key_out AS (
  INSERT INTO event_keys (tenant_id, event_uid, event_id, idempotency_key, request_hash)
  -- in one order everywhere: two groups that hold the same ids must not wait for each other
  SELECT tenant_id, uid, own_id, idempotency_key, request_hash FROM event_in
   WHERE own_id IS NOT NULL OR idempotency_key IS NOT NULL ORDER BY tenant_id, own_id, idempotency_key
  ON CONFLICT DO NOTHING
  RETURNING event_uid
), event_out AS (
  INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at${orderingKeys ? ', ordering_key' : ''})
  SELECT tenant_id, uid, id, type, environment, "timestamp", data, created_at${orderingKeys ? ', ordering_key' : ''} FROM event_in
   WHERE (own_id IS NULL AND idempotency_key IS NULL) OR uid IN (SELECT event_uid FROM key_out)
  -- a try whose answer was lost
  ON CONFLICT DO NOTHING
  RETURNING uid
)`;

/** Of the events that are new. */
const NEW_EVENTS = `
  unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $8::timestamptz[]) WITH ORDINALITY
           AS e (tenant_id, uid, id, type, environment, created_at, index)
    JOIN event_out o ON o.uid = e.uid`;

const TEXT = `
WITH ${eventsOut(null)}, ${pausedOf('$18')}, delivery_out AS (
  INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                          claimed_by, created_at)
  SELECT e.tenant_id, d.id, e.uid, e.id, d.endpoint_id, e.type, e.environment, d.trigger,
         ${PLANNED_STATUS}, d.claimed_by, e.created_at
    FROM unnest($12::text[], $13::int[], $14::text[], $15::text[], $16::text[], $17::bigint[])
           AS d (id, event_index, endpoint_id, trigger, status, claimed_by)
    JOIN ${NEW_EVENTS} ON e.index = d.event_index
)
SELECT array(SELECT uid FROM event_out) AS uids, '[]'::json AS lanes FROM told`;

/**
 * The same for most groups: no event has an id of its own or a key, and no endpoint seems to be disabled. Postgres prepares every
 * part of a statement each time it is carried out, used or not.
 */
const PLAIN_TEXT = `
WITH event_out AS (
  INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                       $8::timestamptz[])
  -- a try whose answer was lost
  ON CONFLICT DO NOTHING
  RETURNING uid
), delivery_out AS (
  INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                          claimed_by, created_at)
  SELECT e.tenant_id, d.id, e.uid, e.id, d.endpoint_id, e.type, e.environment, d.trigger, d.status, d.claimed_by, e.created_at
    FROM unnest($9::text[], $10::int[], $11::text[], $12::text[], $13::text[], $14::bigint[])
           AS d (id, event_index, endpoint_id, trigger, status, claimed_by)
    JOIN ${NEW_EVENTS} ON e.index = d.event_index
)
SELECT array(SELECT uid FROM event_out) AS uids, '[]'::json AS lanes`;

/** The same where some have an ordering key, or go into lanes. */
const ORDERED_TEXT = `
WITH ${eventsOut('$20')}, ${pausedOf('$18')}, planned AS MATERIALIZED (
  SELECT e.tenant_id, d.id, e.uid, e.id AS event_id, d.endpoint_id, e.type, e.environment, d.trigger,
         ${PLANNED_STATUS} AS status, d.claimed_by, e.created_at, d.lane_key, d.index
    FROM unnest($12::text[], $13::int[], $14::text[], $15::text[], $16::text[], $17::bigint[], $19::text[]) WITH ORDINALITY
           AS d (id, event_index, endpoint_id, trigger, status, claimed_by, lane_key, index)
    JOIN ${NEW_EVENTS} ON e.index = d.event_index
), ${LANE_PLACES}, delivery_out AS (
  INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                          claimed_by, created_at, lane_key, lane_place, workflow_id)
  SELECT d.tenant_id, d.id, d.uid, d.event_id, d.endpoint_id, d.type, d.environment, d.trigger, d.status,
         d.claimed_by, d.created_at, d.lane_key, p.place, ${PLANNED_WORKFLOW}
    FROM planned d LEFT JOIN placed p ON p.id = d.id
)
SELECT array(SELECT uid FROM event_out) AS uids, ${ENTERED_LANES} AS lanes FROM told`;

export interface Inserted {
  /** For each event whether it is new; one that is not leaves nothing behind. */
  isNew: boolean[];
  lanes: EnteredLane[];
}

/**
 * Writes events and their deliveries in one statement. An event that is there already (same id or same idempotency key)
 * leaves nothing behind. A group must not hold the same id or key twice. What goes into lanes takes its places there in
 * the order of the group.
 */
export async function insertEvents(db: Queryable, group: NewEvent[]): Promise<Inserted> {
  const deliveries = group.flatMap(({ deliveries: list, claimedBy }, index) =>
    list.map((delivery) => ({ delivery, claimedBy, eventIndex: index + 1 })),
  );
  const isOrdered =
    group.some(({ orderingKey }) => (orderingKey ?? null) !== null) ||
    deliveries.some(({ delivery }) => delivery.laneKey !== undefined);
  const ownIds = group.map(({ uid, event }) => (event.id === uid ? null : event.id));
  const idempotencyKeys = group.map(({ idempotencyKey }) => idempotencyKey);
  const paused = seemPaused(deliveries.map(({ delivery }) => delivery));
  const isPlain =
    !isOrdered && paused.length === 0 && ![...ownIds, ...idempotencyKeys].some((key) => key !== null);
  const ofEvents = [
    arrayLiteral(group.map(({ event }) => event.tenantId)),
    group.map(({ uid }) => uid),
    arrayLiteral(group.map(({ event }) => event.id)),
    arrayLiteral(group.map(({ event }) => event.type)),
    arrayLiteral(group.map(({ event }) => event.environment)),
    arrayLiteral(group.map(({ event }) => event.timestamp.toISOString())),
    group.map(({ event }) => event.data),
    arrayLiteral(group.map(({ createdAt }) => createdAt.toISOString())),
  ];
  const keys = [ownIds, idempotencyKeys, group.map(({ requestHash }) => requestHash)];
  const ofDeliveries = [
    arrayLiteral(deliveries.map(({ delivery }) => delivery.id)),
    arrayLiteral(deliveries.map(({ eventIndex }) => eventIndex)),
    arrayLiteral(deliveries.map(({ delivery }) => delivery.endpointId)),
    arrayLiteral(deliveries.map(({ delivery }) => delivery.trigger)),
    arrayLiteral(deliveries.map(({ delivery }) => delivery.status)),
    arrayLiteral(deliveries.map(({ delivery, claimedBy }) => (delivery.claimed ? claimedBy : null))),
  ];
  const whole = [...ofEvents, ...keys, ...ofDeliveries, paused];
  const order = () => [
    deliveries.map(({ delivery }) => delivery.laneKey ?? null),
    group.map(({ orderingKey }) => orderingKey ?? null),
  ];
  const statement = isPlain
    ? { name: 'insert-events', text: PLAIN_TEXT, values: [...ofEvents, ...ofDeliveries] }
    : isOrdered
      ? { name: 'insert-ordered-events', text: ORDERED_TEXT, values: [...whole, ...order()] }
      : { name: 'insert-keyed-events', text: TEXT, values: whole };
  const { rows } = await db.query<{ uids: string[]; lanes: EnteredLane[] }>(statement);
  const { uids, lanes } = rows[0]!;
  const written = new Set(uids);
  return { isNew: group.map(({ uid }) => written.has(uid)), lanes };
}
