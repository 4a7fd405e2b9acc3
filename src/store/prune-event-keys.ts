import type { Queryable } from './pool.ts';

const AT_ONCE = 5_000;

/** Forgets own ids and idempotency keys of events made before `eventUid` that are not there any more. Returns how many. */
export async function pruneEventKeys(db: Queryable, eventUid: string, onPiece: () => void): Promise<number> {
  let pruned = 0;
  let after = '';
  for (;;) {
    const { rows } = await db.query<{ count: number; last: string | null }>({
      text: `WITH old AS (SELECT tenant_id, event_uid FROM event_keys WHERE event_uid > $1 AND event_uid < $2
                           ORDER BY event_uid LIMIT $3),
                  gone AS (DELETE FROM event_keys k USING old o
                            WHERE k.tenant_id = o.tenant_id AND k.event_uid = o.event_uid
                              AND NOT EXISTS (SELECT FROM events e WHERE e.tenant_id = o.tenant_id AND e.uid = o.event_uid)
                           RETURNING 1)
             SELECT (SELECT count(*) FROM gone) AS count, (SELECT max(event_uid) FROM old) AS last`,
      values: [after, eventUid, AT_ONCE],
    });
    const { count, last } = rows[0]!;
    if (last === null) return pruned;
    pruned += count;
    after = last;
    onPiece();
  }
}
