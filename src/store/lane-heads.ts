import type { DeliveryStatus } from '../domain.ts';
import { IN_LANE } from './lane-sql.ts';
import type { Queryable } from './pool.ts';

/** The first of its key in a lane that has not ended: those behind it wait for it. */
export interface LaneHead {
  key: string;
  deliveryId: string;
  status: DeliveryStatus;
  attempts: number;
  /** Unix ms; null: at once, or (held) when it is released. */
  dueAtMs: number | null;
}

export interface HeadRow {
  lane_key: string;
  id: string;
  status: DeliveryStatus;
  attempt_count: number;
  next_attempt_at: Date | null;
}

const LAST_PLACE = '9223372036854775807';
/** Of {@link HeadRow}. */
export const HEAD_COLUMNS = 'lane_key, id, status, attempt_count, next_attempt_at';
const FIRST = `ORDER BY lane_key, lane_place LIMIT 1`;

/** From key to key through the index of what has not ended: however much waits behind a head costs nothing. */
const TEXT = `
WITH RECURSIVE head AS (
  (SELECT ${HEAD_COLUMNS} FROM deliveries
    WHERE endpoint_id = $1 AND ${IN_LANE} AND (lane_key, lane_place) > ($2, $3::bigint) ${FIRST})
  UNION ALL
  SELECT n.* FROM head h CROSS JOIN LATERAL (
    SELECT ${HEAD_COLUMNS} FROM deliveries
     WHERE endpoint_id = $1 AND ${IN_LANE} AND (lane_key, lane_place) > (h.lane_key, ${LAST_PLACE}::bigint) ${FIRST}) n
)
SELECT * FROM head LIMIT $4`;

/** The heads of an endpoint's lane in the order of their keys: those after `afterKey`, or (null) from the first on. */
export async function laneHeads(
  db: Queryable,
  endpointId: string,
  afterKey: string | null,
  limit: number,
): Promise<LaneHead[]> {
  const { rows } = await db.query<HeadRow>({
    name: 'lane-heads',
    text: TEXT,
    values: [endpointId, afterKey ?? '', afterKey === null ? 0 : LAST_PLACE, limit],
  });
  return rows.map(headFromRow);
}

export const headFromRow = (row: HeadRow): LaneHead => ({
  key: row.lane_key,
  deliveryId: row.id,
  status: row.status,
  attempts: row.attempt_count,
  dueAtMs: row.next_attempt_at?.getTime() ?? null,
});
