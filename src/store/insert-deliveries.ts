import type { NewDelivery, NewEvent } from './insert-events.ts';
import { ENTERED_LANES, LANE_PLACES, PLANNED_WORKFLOW, type EnteredLane } from './lane-places.ts';
import { pausedOf, PLANNED_STATUS, seemPaused } from './planned-status.ts';
import type { Queryable } from './pool.ts';

const TEXT = `
WITH ${pausedOf('$12')}, planned AS MATERIALIZED (
  SELECT $1::text AS tenant_id, d.id, d.endpoint_id, d.trigger, ${PLANNED_STATUS} AS status, d.claimed_by, d.lane_key, d.index
    FROM unnest($6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $13::text[]) WITH ORDINALITY
      AS d (id, endpoint_id, trigger, status, claimed_by, lane_key, index)
), ${LANE_PLACES}, delivery_out AS (
  INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                          claimed_by, created_at, lane_key, lane_place, workflow_id)
  SELECT d.tenant_id, d.id, $11, $2, d.endpoint_id, $3, $4, d.trigger, d.status, d.claimed_by, $5, d.lane_key, p.place,
         ${PLANNED_WORKFLOW}
    FROM planned d LEFT JOIN placed p ON p.id = d.id
)
SELECT ${ENTERED_LANES} AS lanes FROM told`;

/**
 * Writes some of an event's deliveries: all of them, and the event, are to be committed together. Returns the lanes that
 * they go into.
 */
export async function insertDeliveries(
  db: Queryable,
  { uid, event, createdAt, claimedBy }: NewEvent,
  deliveries: NewDelivery[],
): Promise<EnteredLane[]> {
  const { rows } = await db.query<{ lanes: EnteredLane[] }>({
    name: 'insert-deliveries',
    text: TEXT,
    values: [
      event.tenantId,
      event.id,
      event.type,
      event.environment,
      createdAt.toISOString(),
      deliveries.map((delivery) => delivery.id),
      deliveries.map((delivery) => delivery.endpointId),
      deliveries.map((delivery) => delivery.trigger),
      deliveries.map((delivery) => delivery.status),
      deliveries.map((delivery) => (delivery.claimed ? claimedBy : null)),
      uid,
      seemPaused(deliveries),
      deliveries.map((delivery) => delivery.laneKey ?? null),
    ],
  });
  return rows[0]!.lanes;
}
