import { UNENDED, type DeliveryStatus } from '../lifecycle.ts';
import { cancelDeliveries, type CancelledDelivery } from './delivery-state.ts';
import type { Queryable } from './pool.ts';
import type { ReplayCounts } from './replays.ts';

/** Rows that one statement counts. */
const COUNTED_AT_ONCE = 20_000;

/** Ids of a replay's deliveries in these statuses, $3 of them after $2: each from its index, in one look. */
const idsOf = (statuses: readonly DeliveryStatus[]): string => {
  const scans = statuses.map(
    (status) => `(SELECT id FROM deliveries
                   WHERE replay_id = $1 AND status = '${status}' AND status <> 'succeeded' AND id > $2
                   ORDER BY id LIMIT $3)`,
  );
  return `SELECT id FROM (${scans.join(' UNION ALL ')}) AS t ORDER BY id LIMIT $3`;
};

/** How the deliveries of a replay stand that have not succeeded, piece by piece. */
export async function countReplayed(
  db: Queryable,
  replayId: string,
  onPiece: () => void,
): Promise<ReplayCounts> {
  async function count(name: string, statuses: readonly DeliveryStatus[]): Promise<number> {
    let total = 0;
    for (let after = ''; ;) {
      const { rows } = await db.query<{ count: number; last: string | null }>({
        name: `count-replayed-${name}`,
        text: `SELECT count(*)::int AS count, max(id) AS last FROM (${idsOf(statuses)}) AS piece`,
        values: [replayId, after, COUNTED_AT_ONCE],
      });
      total += rows[0]!.count;
      onPiece();
      if (rows[0]!.count < COUNTED_AT_ONCE) return total;
      after = rows[0]!.last!;
    }
  }
  // First: when nothing is open any more, the others stay as they are.
  const open = await count('open', UNENDED);
  return {
    open,
    failed: await count('failed', ['failed']),
    cancelled: await count('cancelled', ['cancelled']),
  };
}

/** Cancels so many of a replay's deliveries that have not ended. Returns them. */
export async function cancelReplayed(
  db: Queryable,
  replayId: string,
  limit: number,
): Promise<CancelledDelivery[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'open-of-replay',
    text: idsOf(UNENDED),
    values: [replayId, '', limit],
  });
  return rows.length === 0
    ? []
    : cancelDeliveries(
        db,
        rows.map(({ id }) => id),
      );
}
