/** Days of events, deliveries and attempts: named, bounded and found. days-ahead.ts makes them, drop-day.ts drops them. */
import { lowestIdAt } from '../ids.ts';
import type { Queryable } from './pool.ts';

/** The column that decides which day a row belongs to is always an id of ours. */
const TABLES = [
  { table: 'events', column: 'uid', prefix: 'evt', settings: '' },
  // Updated a few times each: room for that on the same page.
  { table: 'deliveries', column: 'id', prefix: 'dlv', settings: ' WITH (fillfactor = 90)' },
  { table: 'attempts', column: 'delivery_id', prefix: 'dlv', settings: '' },
] as const;

export const PARTITIONED = TABLES.map(({ table }) => table);

export const DAY_MS = 86_400_000;

/** `20261121`: days are those of UTC. */
export const dayName = (time: Date): string => time.toISOString().slice(0, 10).replaceAll('-', '');

export function dayStart(day: string): Date {
  return new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T00:00:00Z`);
}

export const dayAfter = (day: string): string => dayName(new Date(dayStart(day).getTime() + DAY_MS));

/** Days that have partitions, oldest first. */
export async function existingDays(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ day: string }>({
    text: `SELECT DISTINCT substring(c.relname FROM '_(\\d{8})$') AS day
             FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = ANY ($1::regclass[]) AND c.relname ~ '_\\d{8}$' ORDER BY day`,
    values: [PARTITIONED],
  });
  return rows.map((row) => row.day);
}

/** What belongs to a day, of each table: `column` is at least `from` and less than `to`. */
export function boundsOf(day: string) {
  const [start, end] = [dayStart(day), dayStart(dayAfter(day))];
  return TABLES.map(({ prefix, ...table }) => ({
    ...table,
    from: lowestIdAt(prefix, start),
    to: lowestIdAt(prefix, end),
  }));
}
