/** Lists of any length and with any filter, for a bounded number of rows at a time. */
import type pg from 'pg';
import { Problem } from '../problem.ts';
import { codeOf, type Queryable } from './pool.ts';

/**
 * Rows that a page looks at. A filter that no index serves may find little among so many: the page is then short or even
 * empty, and the next one goes on where it stopped.
 */
export const SCANNED_PER_PAGE = 5_000;
const QUERY_CANCELED = '57014';

export interface Page<Row> {
  rows: Row[];
  /** The id (or other position) after which the next page begins; null: this was the last one. */
  end: string | null;
}

export interface PageQuery {
  table: string;
  /** Newest first: ids of ours, so newest is highest, or what else a page goes by. */
  order: string[];
  /** Where a row stands in that order, as text; by default its first column. */
  position?: string;
  columns: string;
  /** Conditions that an index in this order serves. */
  indexed: string[];
  /** Conditions on the rows that it yields. */
  rest: string[];
  /** Of `indexed`, so many, and then of `rest`. */
  values: unknown[];
  indexedValues: number;
  limit: number;
}

/** Those of `list` that have a value, which is added to `values`, with its place instead of `?`. */
export const conditions = (values: unknown[], list: [condition: string, value: unknown][]): string[] =>
  list
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([condition, value]) => condition.replace('?', `$${values.push(value)}`));

/** Newest first. A Problem in words when the time-out of the lists' connections ends it. */
export async function queryPage<Row extends pg.QueryResultRow>(
  db: Queryable,
  query: PageQuery,
): Promise<Page<Row>> {
  const { columns, rest, values, limit } = query;
  const isFiltered = rest.length > 0;
  const scanned = scan(query, '*', isFiltered ? SCANNED_PER_PAGE : limit + 1);
  try {
    const { rows } = await db.query<Row & { position: string }>({
      text: `SELECT ${columns}, ${positionOf(query)} AS position FROM (${scanned}) AS scanned
              ${isFiltered ? `WHERE ${rest.join(' AND ')}` : ''} ORDER BY ${descending(query)} LIMIT ${limit + 1}`,
      values,
    });
    if (rows.length > limit) return { rows: rows.slice(0, limit), end: rows[limit - 1]!.position };
    return { rows, end: isFiltered ? await lastScanned(db, query) : null };
  } catch (error) {
    if (codeOf(error) !== QUERY_CANCELED) throw error;
    throw Problem.unavailable(
      'This list takes too long now. Ask for less: a shorter time (since, until), a smaller limit, an endpoint or an event.',
      5,
    );
  }
}

const scan = (query: PageQuery, columns: string, limit: number): string =>
  `SELECT ${columns} FROM ${query.table} WHERE ${query.indexed.join(' AND ')}
    ORDER BY ${descending(query)} LIMIT ${limit}`;

const descending = ({ order }: PageQuery): string => order.map((column) => `${column} DESC`).join(', ');
const positionOf = ({ position, order }: PageQuery): string => position ?? order[0]!;

/** Null when the page has looked at everything there is. */
async function lastScanned(db: Queryable, query: PageQuery): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    text: `${scan(query, `${positionOf(query)} AS id`, 1)} OFFSET ${SCANNED_PER_PAGE - 1}`,
    values: query.values.slice(0, query.indexedValues),
  });
  return rows[0]?.id ?? null;
}
