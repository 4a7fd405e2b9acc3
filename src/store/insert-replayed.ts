import { createdAtMs, idRange, newId } from '../ids.ts';
import { TRANSITIONS } from '../lifecycle.ts';
import { LANE_PLACES, PLANNED_WORKFLOW } from './lane-places.ts';
import type { Queryable } from './pool.ts';
import type { ReplaySource } from './replay-sources.ts';
import type { Replay } from './replays.ts';

/** For an endpoint with ordering `fifo` they go into its lane, each behind what is there of its key; workers look for it. */
const TEXT = `
WITH planned AS (
  SELECT $1::text AS tenant_id, s.id, $2::text AS endpoint_id, s.uid, e.id AS event_id, e.type, e.environment,
         '${TRANSITIONS.accept.to}' AS status, s.index,
         CASE WHEN (SELECT ordering FROM endpoints WHERE id = $2) = 'fifo' THEN coalesce(e.ordering_key, '') END AS lane_key
    FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS s (id, uid, index) CROSS JOIN LATERAL (
      SELECT id, type, environment, ordering_key FROM events
       WHERE tenant_id = $1 AND uid = s.uid AND uid BETWEEN $7 AND $8 AND data IS NOT NULL OFFSET 0) e
), ${LANE_PLACES}, made AS (
  INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                          replay_id, created_at, lane_key, lane_place, workflow_id)
  SELECT d.tenant_id, d.id, d.uid, d.event_id, d.endpoint_id, d.type, d.environment, 'replay', d.status, $3, $6,
         d.lane_key, p.place, ${PLANNED_WORKFLOW}
    FROM planned d LEFT JOIN placed p ON p.id = d.id
  RETURNING 1
)
SELECT count(*)::int AS count FROM made`;

/**
 * Deliveries of a replay, in the order of what they repeat; they wait for a worker. Returns how many were made: where an
 * event's data is gone, none is.
 */
export async function insertReplayed(
  db: Queryable,
  { tenantId, endpointId, id: replayId }: Replay,
  sources: ReplaySource[],
): Promise<number> {
  if (sources.length === 0) return 0;
  const ids = sources.map(() => newId('dlv'));
  const uids = sources.map(({ eventUid }) => eventUid);
  const { rows } = await db.query<{ count: number }>({
    name: 'insert-replayed',
    text: TEXT,
    values: [
      ...[tenantId, endpointId, replayId, ids, uids],
      ...[new Date(createdAtMs(ids[0]!)).toISOString(), ...idRange(uids)],
    ],
  });
  return rows[0]!.count;
}
