/** Up to when all events can be seen that will ever be: ids are made before their commit, which may be long after. */
import type { Queryable } from './pool.ts';

/**
 * From the making of an event's id to the moment in which Postgres knows of the transaction that writes it: trying again
 * (PATIENCE_MS), a connection (CONNECT_MS), and clocks that differ. test/unit/limits.test.ts compares them.
 */
export const LONGEST_UNKNOWN_MS = 12_000;
/** The same to its commit, where Postgres answers as it should: one statement. */
export const LONGEST_COMMIT_MS = 18_000;
/** How long a transaction goes on that takes longer, nobody knows. */
const LOOK_AGAIN_MS = 5_000;

export interface Seen {
  /** Whoever looks from now on sees all events with ids of before, by the clock that all workers share. */
  untilMs: number;
  /** In so many milliseconds all before `wantedMs` may be seen; 0: it is so already. */
  againInMs(wantedMs: number): number;
}

/**
 * What has a large fan-out is written in many statements, each of which may take seconds: so what counts is which
 * transactions are open. Every one that writes deliveries does, since those of an event come before it. That of others, such
 * as somebody's psql, too: what they write is not known. Where they are hidden (another user, without
 * pg_read_all_stats), or not kept (track_activities), there is only the time.
 */
export async function eventsSeen(db: Queryable): Promise<Seen> {
  const { rows } = await db.query<{ nowMs: number; oldestMs: number | null }>({
    name: 'open-writers',
    text: `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs",
                  (extract(epoch FROM min(a.xact_start)) * 1000)::float8 AS "oldestMs"
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.relation IN ('events'::regclass, 'deliveries'::regclass)`,
  });
  const { nowMs, oldestMs } = rows[0]!;
  const byTimeMs = nowMs - LONGEST_COMMIT_MS;
  const byWritersMs = (oldestMs ?? Infinity) - LONGEST_UNKNOWN_MS;
  return {
    untilMs: Math.min(byTimeMs, byWritersMs),
    againInMs(wantedMs) {
      const missingMs = Math.ceil(Math.max(0, wantedMs - byTimeMs));
      return byWritersMs < Math.min(byTimeMs, wantedMs) ? Math.max(LOOK_AGAIN_MS, missingMs) : missingMs;
    },
  };
}
