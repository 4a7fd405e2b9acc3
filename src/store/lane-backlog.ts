import { createdAtMs } from '../ids.ts';
import { IN_LANE } from './lane-sql.ts';
import type { Queryable } from './pool.ts';

/** What stands in lanes, as of now. Counts stop at {@link COUNT_LIMIT}. */
export interface LaneBacklog {
  /** Lanes with something in them. */
  lanes: number;
  /** Of these, in how many nobody is at work who should have been a minute ago. */
  overdue: number;
  /** Deliveries in lanes that have not ended, held ones included. */
  deliveries: number;
  /** Age of the oldest that others wait for, and that is not held; 0 when there is none. */
  oldestSeconds: number;
}

const COUNT_LIMIT = 20_000;
/** Heads looked at for the oldest. */
const HEAD_LIMIT = 5_000;

const COLUMNS = 'endpoint_id, lane_key, status, id';
const FIRST = 'ORDER BY endpoint_id, lane_key, lane_place LIMIT 1';
const LAST_PLACE = '9223372036854775807::bigint';
const count = (from: string): string =>
  `(SELECT count(*)::int FROM (SELECT 1 FROM ${from} LIMIT ${COUNT_LIMIT}) x)`;

/** Heads from key to key through their index: what waits behind them does not matter. */
const TEXT = `
WITH RECURSIVE head AS (
  (SELECT ${COLUMNS} FROM deliveries WHERE ${IN_LANE} ${FIRST})
  UNION ALL
  SELECT n.* FROM head h CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM deliveries
     WHERE ${IN_LANE} AND (endpoint_id, lane_key, lane_place) > (h.endpoint_id, h.lane_key, ${LAST_PLACE}) ${FIRST}) n
)
SELECT ${count('lanes')} AS lanes,
       ${count(`lanes l WHERE due_at < now() - interval '1 minute'
           AND (worked_by IS NULL OR NOT EXISTS (SELECT FROM processes p WHERE p.id = l.worked_by))`)} AS overdue,
       ${count(`deliveries WHERE ${IN_LANE}`)} AS deliveries,
       (SELECT min(id) FROM (SELECT * FROM head LIMIT ${HEAD_LIMIT}) h WHERE status <> 'held') AS "oldestId"`;

export async function readLaneBacklog(db: Queryable): Promise<LaneBacklog> {
  type Row = Omit<LaneBacklog, 'oldestSeconds'> & { oldestId: string | null };
  const { rows } = await db.query<Row>({ name: 'read-lane-backlog', text: TEXT });
  const { oldestId, ...counts } = rows[0]!;
  const oldestSeconds = oldestId === null ? 0 : Math.max(0, Date.now() - createdAtMs(oldestId)) / 1000;
  return { ...counts, oldestSeconds };
}
