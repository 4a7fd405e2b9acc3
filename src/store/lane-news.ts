import { HEAD_COLUMNS, headFromRow, type HeadRow, type LaneHead } from './lane-heads.ts';
import { IN_LANE } from './lane-sql.ts';
import type { LanePlace } from './claim-lane.ts';
import type { Queryable } from './pool.ts';

/**
 * Keys whose heads may be sent now, since something of theirs has come in or is due: with very many keys it takes long to look at
 * all heads. Not everything is seen here: what was let go of, or waited for what was cancelled, is found among all heads.
 */
export interface LaneNews {
  /** Of some of these keys. */
  heads: LaneHead[];
  /** What had come in until there has been looked at. */
  place: LanePlace;
}

const TEXT = `
WITH entered AS (
  SELECT lane_key, lane_place FROM deliveries WHERE endpoint_id = $1 AND ${IN_LANE} AND lane_place + 0 > $2::bigint
   ORDER BY lane_place + 0 LIMIT $3
), due AS (
  SELECT lane_key FROM deliveries
   WHERE endpoint_id = $1 AND lane_key IS NOT NULL AND status = 'retrying' AND next_attempt_at <= now()
   ORDER BY next_attempt_at LIMIT $3
)
SELECT h.*, (SELECT max(lane_place) FROM entered) AS place
  FROM (SELECT lane_key AS key FROM entered UNION SELECT lane_key FROM due) k
  LEFT JOIN LATERAL (
    SELECT ${HEAD_COLUMNS} FROM deliveries WHERE endpoint_id = $1 AND lane_key = k.key AND ${IN_LANE}
     ORDER BY lane_place LIMIT 1) h ON true`;

/** `limit`: as many that came in, and as many that are due. */
export async function laneNews(
  db: Queryable,
  endpointId: string,
  since: LanePlace,
  limit: number,
): Promise<LaneNews> {
  type Row = { [Column in keyof HeadRow]: HeadRow[Column] | null } & { place: LanePlace | null };
  const { rows } = await db.query<Row>({
    name: 'lane-news',
    text: TEXT,
    values: [endpointId, since, limit],
  });
  return {
    heads: rows.filter((row): row is HeadRow & Row => row.id !== null).map(headFromRow),
    place: rows[0]?.place ?? since,
  };
}
