/** Whether Postgres has room for the locks that statements on many days take. */
import type { Logger } from 'pino';
import type { Queryable } from './pool.ts';

/** A kept plan of the statement that names the most partitions locks each of them so often (claim-attempts.ts). */
const LOCKS_PER_PARTITION = 6;
/** And while it is planned, once on each connection, all their indexes as well. */
const LOCKS_PER_PARTITION_PLANNED = 65;
/** How many connections are planning at a time, when a worker or Postgres has just started. */
const PLANNING = 2;
/** Days to come, today, and DEFAULT. */
const OTHER_PARTITIONS = 9;

export interface LockRoom {
  /** Partitions of each table. */
  partitions: number;
  /** Of one worker. */
  needed: number;
  room: number;
  maxConnections: number;
  maxLocksPerTransaction: number;
}

export function locksNeeded(partitions: number, connections: number): number {
  return partitions * (connections * LOCKS_PER_PARTITION + PLANNING * LOCKS_PER_PARTITION_PLANNED);
}

export async function readLockRoom(
  db: Queryable,
  { retentionDays, connections }: { retentionDays: number; connections: number },
): Promise<LockRoom> {
  const { rows } = await db.query<{ locks: number; connections: number; prepared: number; present: number }>({
    text: `SELECT current_setting('max_locks_per_transaction')::int AS locks,
                  current_setting('max_connections')::int AS connections,
                  current_setting('max_prepared_transactions')::int AS prepared,
                  (SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'deliveries'::regclass) AS present`,
  });
  const { locks, connections: maxConnections, prepared, present } = rows[0]!;
  const partitions = Math.max(present, retentionDays + OTHER_PARTITIONS);
  const needed = locksNeeded(partitions, connections);
  const room = locks * (maxConnections + prepared);
  return { partitions, needed, room, maxConnections, maxLocksPerTransaction: locks };
}

/** Never throws: it is advice. */
export async function warnOfFewLocks(
  db: Queryable,
  use: { retentionDays: number; connections: number },
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  try {
    const found = await readLockRoom(db, use);
    if (found.room >= found.needed) return;
    const advised = Math.ceil(found.needed / found.maxConnections / 64) * 64;
    log.warn(
      { ...found, retentionDays: use.retentionDays },
      `Postgres has room for fewer locks than a worker may take with so many days, and may refuse statements (53200): ` +
        `set its max_locks_per_transaction to ${advised} or more and restart it, or keep fewer days`,
    );
  } catch (error) {
    log.warn({ err: error }, 'the settings of Postgres could not be read');
  }
}
