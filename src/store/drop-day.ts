/** The end of a day: its partitions are dropped, and what is still open in them goes on in the DEFAULT ones. */
import { lowestIdAt } from '../ids.ts';
import { openDeliveries } from './open-deliveries.ts';
import { dayAfter, dayStart, PARTITIONED } from './partitions.ts';
import { codeOf, type Pool, type Queryable } from './pool.ts';
import { transaction } from './transaction.ts';

/**
 * While these are moved, everything waits: for a few tenths of a second, or so it should be. Deliveries, their events and
 * their attempts together. A day with more of them is emptied instead of dropped.
 */
const MAX_MOVED = 10_000;
const MAX_MOVED_BYTES = 16 << 20;
/** Longer than that nobody waits, whatever the machine is busy with. */
const MAX_HELD_MS = 1_000;
/** Shorter than deadlock_timeout: whoever holds what this waits for, and waits for what this holds, goes on. */
const MAX_WAIT_MS = 300;

/** `dropped: false`: too much in it is open to be moved, or it took too long. */
export type DayEnd = { dropped: true; kept: number } | { dropped: false; open: number };

interface EventKeys {
  tenantIds: string[];
  uids: string[];
}

/**
 * Drops a day, in one transaction that gives up when it cannot have its locks at once: asking for them holds up whoever
 * comes after. Throws 55P03 then; try again later.
 */
export async function dropDay(pool: Pool, day: string): Promise<DayEnd> {
  // Beforehand, and without a lock: nothing that has ended is ever open again.
  const elsewhere = await eventsNeededElsewhere(pool, day);
  const { open, rows, bytes } = await weigh(pool, day, elsewhere);
  if (rows > MAX_MOVED || bytes > MAX_MOVED_BYTES) return { dropped: false, open };
  try {
    await transaction(pool, (client) => detachAndMove(client, day, elsewhere));
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
    return { dropped: false, open };
  }
  return { dropped: true, kept: open };
}

async function detachAndMove(client: Queryable, day: string, elsewhere: EventKeys): Promise<void> {
  const untilMs = performance.now() + MAX_HELD_MS;
  const run = async (text: string, values?: unknown[]) => {
    const leftMs = Math.max(1, Math.ceil(untilMs - performance.now()));
    await client.query({ text: `SET LOCAL statement_timeout = ${leftMs}` });
    await client.query({ text, values });
  };
  await run(`SET LOCAL lock_timeout = ${MAX_WAIT_MS}`);
  // Should this process stand still with the locks in its hands, Postgres takes them away.
  await run(`SET LOCAL idle_in_transaction_session_timeout = ${MAX_HELD_MS}`);
  await run('SET LOCAL enable_seqscan = off');
  for (const table of PARTITIONED) await run(`ALTER TABLE ${table} DETACH PARTITION ${table}_${day}`);
  await run(`WITH ${openAndNeeded(day)} INSERT INTO events ${neededEvents(day, '*')}`, [
    MAX_MOVED + 1,
    ...valuesOf(elsewhere),
  ]);
  await run(`WITH ${openAndNeeded(day)} INSERT INTO attempts ${theirAttempts(day, '*')}`, [
    MAX_MOVED + 1,
    ...valuesOf(elsewhere),
  ]);
  await run(`INSERT INTO deliveries ${openDeliveries(`deliveries_${day}`, '*')}`);
  for (const table of PARTITIONED) await run(`DROP TABLE ${table}_${day}`);
}

/** $1: so many of what is open, and $2, $3: of the events that others need. */
const openAndNeeded = (day: string): string => `
  open AS MATERIALIZED (
    SELECT * FROM (${openDeliveries(`deliveries_${day}`, 'tenant_id, id, event_uid')}) o LIMIT $1
  ), needed AS MATERIALIZED (
    SELECT tenant_id, event_uid AS uid FROM open UNION SELECT * FROM unnest($2::text[], $3::text[])
  )`;

/** By key, one by one (OFFSET): Postgres must never take it into its head to read the whole day. */
const neededEvents = (day: string, columns: string): string => `
  SELECT e.* FROM needed n CROSS JOIN LATERAL (
    SELECT ${columns} FROM events_${day} e WHERE e.tenant_id = n.tenant_id AND e.uid = n.uid OFFSET 0) e`;

const theirAttempts = (day: string, columns: string): string => `
  SELECT a.* FROM open o CROSS JOIN LATERAL (
    SELECT ${columns} FROM attempts_${day} a WHERE a.tenant_id = o.tenant_id AND a.delivery_id = o.id OFFSET 0) a`;

const valuesOf = ({ tenantIds, uids }: EventKeys): unknown[] => [tenantIds, uids];

const sizeOf = (...columns: string[]): string =>
  columns.map((column) => `coalesce(pg_column_size(${column}), 0)`).join(' + ');

/** What would be moved, as far as it may be. Sizes are known without reading what they are of. */
async function weigh(
  db: Queryable,
  day: string,
  elsewhere: EventKeys,
): Promise<{ open: number; rows: number; bytes: number }> {
  const events = neededEvents(day, `${sizeOf('data')} AS bytes`);
  const attempts = theirAttempts(
    day,
    `${sizeOf('response_body', 'request_headers', 'response_headers')} AS bytes`,
  );
  const { rows } = await db.query<{ open: number; rows: number; bytes: number }>({
    text: `WITH ${openAndNeeded(day)}, moved AS (
             (SELECT 0 AS bytes FROM open) UNION ALL (${events} LIMIT $1) UNION ALL (${attempts} LIMIT $1)
           )
           SELECT (SELECT count(*) FROM open)::int AS open, count(*)::int AS rows,
                  coalesce(sum(bytes), 0)::float8 AS bytes FROM moved`,
    values: [MAX_MOVED + 1, ...valuesOf(elsewhere)],
  });
  return rows[0]!;
}

/** Events of a day that open deliveries of later days were made of: around midnight, or by a replay. */
async function eventsNeededElsewhere(db: Queryable, day: string): Promise<EventKeys> {
  const [from, to] = [dayStart(day), dayStart(dayAfter(day))];
  const { rows } = await db.query<{ tenant_id: string; event_uid: string }>({
    text: `SELECT DISTINCT tenant_id, event_uid FROM (${openOf('tenant_id, event_uid')}) o LIMIT $4`,
    values: [...bounds(from, to, to), MAX_MOVED + 1],
  });
  return { tenantIds: rows.map((row) => row.tenant_id), uids: rows.map((row) => row.event_uid) };
}

/** Events made in a time that open deliveries made since `deliveriesSince` belong to. */
export async function openEventsBetween(
  db: Queryable,
  from: Date,
  to: Date,
  deliveriesSince: Date,
): Promise<string[]> {
  const { rows } = await db.query<{ uid: string }>({
    text: `SELECT DISTINCT event_uid AS uid FROM (${openOf('event_uid')}) o`,
    values: bounds(from, to, deliveriesSince),
  });
  return rows.map((row) => row.uid);
}

const openOf = (columns: string): string =>
  openDeliveries('deliveries', columns, 'AND event_uid >= $1 AND event_uid < $2 AND id >= $3');

const bounds = (from: Date, to: Date, deliveriesSince: Date): string[] => [
  lowestIdAt('evt', from),
  lowestIdAt('evt', to),
  lowestIdAt('dlv', deliveriesSince),
];

export const isLockTimeout = (error: unknown): boolean => codeOf(error) === '55P03';
const isOutOfTime = (error: unknown): boolean => codeOf(error) === '57014';
