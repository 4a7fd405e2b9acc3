import type { Job } from '../dispatch/job.ts';
import { IN_LANE } from './lane-sql.ts';
import type { Queryable } from './pool.ts';
import { eventsOf, jobFromRow, JOIN_EVENT_IF_ANY, WORK_COLUMNS, type WorkRow } from './work-row.ts';

/** As many as fit, of which the first is taken however large it is; lengths are known without reading. */
const TEXT = `
WITH run AS (
  SELECT * FROM deliveries WHERE endpoint_id = $1 AND lane_key = $2 AND ${IN_LANE} ORDER BY lane_place LIMIT $3
), weighed AS (
  SELECT r.id, row_number() OVER run_order AS nth, sum(coalesce(
      (SELECT octet_length(e.data) FROM events e WHERE e.tenant_id = r.tenant_id AND e.uid = r.event_uid), 0)) OVER run_order AS bytes
    FROM run r WINDOW run_order AS (ORDER BY lane_place)
)
SELECT ${WORK_COLUMNS}, d.lane_place FROM run d JOIN weighed w ON w.id = d.id AND (w.bytes <= $4 OR w.nth = 1)
  ${JOIN_EVENT_IF_ANY}
 ORDER BY d.lane_place`;

/** A delivery of a lane; without a job, when its event or the data of that is gone: it can never be sent. */
export interface InLane {
  deliveryId: string;
  job: Job | null;
}

/** The first deliveries of a key that have not ended, in their order. */
export async function loadLaneRun(
  db: Queryable,
  { endpointId, key }: { endpointId: string; key: string },
  { rows: limit, bytes }: { rows: number; bytes: number },
): Promise<InLane[]> {
  const { rows } = await db.query<WorkRow>({
    name: 'load-lane-run',
    text: TEXT,
    values: [endpointId, key, limit, bytes],
  });
  const eventOf = eventsOf(rows);
  return rows.map((row) => {
    const event = eventOf(row);
    return { deliveryId: row.id, job: event ? jobFromRow(row, event) : null };
  });
}
