/** Partitions are made ahead of their time: by every process that starts or runs, and by retention's schedule. */
import { setTimeout as sleep } from 'node:timers/promises';
import { boundsOf, DAY_MS, dayName, existingDays } from './partitions.ts';
import { isInTheWay, type Queryable } from './pool.ts';

/** So many days lie ready: as long may whoever makes them be away before rows go to the DEFAULT partitions. */
const DAYS_AHEAD = 7;
const AGAIN_MS = 3_600_000;

/**
 * Rows of a day that lie in DEFAULT (somebody's clock was ahead, or nobody had made the day) keep its partitions from
 * being made. So many are moved into them while publishing waits; with more, that day stays in DEFAULT.
 */
const MAX_MOVED = 10_000;
const MAX_MOVED_BYTES = 64 << 20;

const LOCK_TRIES = 10;
const LOCK_PAUSE_MS = 500;

/** A logger. */
export interface Warns {
  warn(fields: object, message: string): void;
}

export interface DaysAhead {
  made: string[];
  /** Their rows go to the DEFAULT partitions, for now or for good; why, in words. */
  notMade: { day: string; reason: string }[];
}

/**
 * Makes the partitions of the day of `now` and of the next ones where they are missing. A day that cannot be had keeps
 * nobody from going on: DEFAULT takes its rows, and retention deletes them there.
 */
export async function createPartitionsAhead(db: Queryable, now = new Date()): Promise<DaysAhead> {
  const present = new Set(await existingDays(db));
  const result: DaysAhead = { made: [], notMade: [] };
  let triesLeft = LOCK_TRIES;

  /** Why not; null: it is there. */
  async function make(day: string): Promise<string | null> {
    for (;;) {
      try {
        return await createDay(db, day);
      } catch (error) {
        triesLeft -= 1;
        if (!isInTheWay(error) || triesLeft <= 0) return (error as Error).message;
        await sleep(LOCK_PAUSE_MS);
      }
    }
  }

  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const day = dayName(new Date(now.getTime() + ahead * DAY_MS));
    if (present.has(day)) continue;
    const reason = await make(day);
    if (reason === null) result.made.push(day);
    else result.notMade.push({ day, reason });
  }
  return result;
}

/** {@link createPartitionsAhead}; what stands against it goes to the log and is left for the next time. */
export async function keepDaysReady(db: Queryable, log: Warns): Promise<void> {
  try {
    const { notMade } = await createPartitionsAhead(db);
    for (const { day, reason } of notMade)
      log.warn(
        { day, reason },
        'a day has no partitions: its rows go to DEFAULT, and are deleted there in time',
      );
  } catch (error) {
    log.warn({ err: error }, 'the partitions of the next days could not be looked after; again in an hour');
  }
}

/** Every hour: Temporal, whose schedule does the same, may be away for longer than days lie ready. Returns what ends it. */
export function keepDaysReadyHourly(db: Queryable, log: Warns): () => void {
  const timer = setInterval(() => void keepDaysReady(db, log), AGAIN_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function createDay(db: Queryable, day: string): Promise<string | null> {
  // Beforehand, and without a lock.
  const strays = await straysOf(db, day);
  if (strays.rows > MAX_MOVED || strays.bytes > MAX_MOVED_BYTES)
    return `more than ${MAX_MOVED} rows or ${MAX_MOVED_BYTES >> 20} MiB of it lie in DEFAULT already`;
  await db.query({ text: statementsFor(day, strays.rows > 0) });
  return null;
}

async function straysOf(db: Queryable, day: string): Promise<{ rows: number; bytes: number }> {
  const parts = boundsOf(day).map(
    ({ table, column, from, to }) =>
      `(SELECT pg_column_size(t.*) AS bytes FROM ${table}_default t
         WHERE ${column} >= '${from}' AND ${column} < '${to}' LIMIT ${MAX_MOVED + 1})`,
  );
  const { rows } = await db.query<{ rows: number; bytes: number }>({
    text: `SELECT count(*)::int AS rows, coalesce(sum(bytes), 0)::float8 AS bytes FROM (${parts.join(' UNION ALL ')}) t`,
  });
  return rows[0]!;
}

/**
 * One string: the driver sends it as one transaction. It asks for locks for less than `deadlock_timeout`: whoever holds
 * what this waits for, and waits for what this holds, goes on. Several processes may be at it.
 */
function statementsFor(day: string, withStrays: boolean): string {
  const tables = boundsOf(day);
  const start = [
    `SET LOCAL lock_timeout = '300ms'`,
    `SELECT pg_advisory_xact_lock(hashtext('posthorn partitions'))`,
  ];
  const create = tables.map(
    ({ table, from, to, settings }) =>
      `CREATE TABLE IF NOT EXISTS ${table}_${day} PARTITION OF ${table}
         FOR VALUES FROM ('${from}') TO ('${to}')${settings}`,
  );
  if (!withStrays) return [...start, ...create].join(';\n');
  const lock = `LOCK TABLE ${tables.map(({ table }) => table).join(', ')} IN ACCESS EXCLUSIVE MODE`;
  const takeOut = tables.flatMap(({ table, column, from, to }) => [
    `CREATE TEMP TABLE stray_${table} ON COMMIT DROP AS
       SELECT * FROM ${table}_default WHERE ${column} >= '${from}' AND ${column} < '${to}'`,
    `DELETE FROM ${table}_default WHERE ${column} >= '${from}' AND ${column} < '${to}'`,
  ]);
  const putBack = tables.map(({ table }) => `INSERT INTO ${table} SELECT * FROM stray_${table}`);
  return [...start, lock, ...takeOut, ...create, ...putBack].join(';\n');
}
