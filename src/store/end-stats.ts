import type { Interval } from '../stats/range.ts';
import type { Queryable } from './pool.ts';

const AT_ONCE = 10_000;

/** Deletes statistics by the hour or by the day of what began before. Returns how many rows that were. */
export async function endStats(
  db: Queryable,
  per: Interval,
  before: Date,
  onPiece: () => void,
): Promise<number> {
  for (let deleted = 0; ;) {
    const { rowCount } = await db.query({
      text: `DELETE FROM stats WHERE ctid = ANY (ARRAY(
               SELECT ctid FROM stats WHERE per = $1 AND starts_at < $2 ORDER BY starts_at LIMIT ${AT_ONCE}))`,
      values: [per, before],
    });
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < AT_ONCE) return deleted;
    onPiece();
  }
}
