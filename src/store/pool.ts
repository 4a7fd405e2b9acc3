import pg from 'pg';
import { timedClient } from './timed-client.ts';

export type Pool = pg.Pool;
/** Where a transaction gets a connection of its own. */
export type Connections = Pick<Pool, 'connect'>;

/** What a statement needs: a pool, or one client of it inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>>;
}

/** int8 comes as a number: ours are counts and process ids, far below 2^53. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * For connections whose statements look up batches of rows by key, and nothing else. Left to itself, Postgres plans
 * those on partitioned tables anew each time, which costs as much as carrying them out; and a plan it made while a
 * day's partition was empty may go on reading all of it when it has grown.
 */
const KEPT_PLANS = ['plan_cache_mode=force_generic_plan', 'enable_seqscan=off'];

/**
 * So long a statement is waited for, by what the connection is for. A server that is gone without a word answers nothing at
 * all, and whoever waits, or goes in the next group commit, waits for that. The server itself gives up
 * {@link STATEMENT_MARGIN_MS} earlier: then it is known that nothing has happened.
 */
export const QUERY_TIMEOUT_MS = {
  /** Somebody waits for an answer. */
  requests: 6_000,
  /** What an attempt came to is not lost when it cannot be written; it is written later. */
  dispatch: 10_000,
  /** On a way that was cut without a word: by then a connection of its own has a better chance. */
  heartbeat: 3_000,
  lists: 2_500,
  /** What takes long, and what nobody waits for. */
  upkeep: 35_000,
};
const STATEMENT_MARGIN_MS = 500;
/** So long a connection is waited for, where all are in use. */
export const CONNECT_MS = 5_000;

/** `plans`: kept for good, or chosen by Postgres for each statement's values. */
export function createPool(
  databaseUrl: string,
  maxConnections: number,
  plans: 'kept' | 'chosen' = 'chosen',
  queryTimeoutMs = QUERY_TIMEOUT_MS.upkeep,
): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: 'posthorn',
    statement_timeout: queryTimeoutMs - STATEMENT_MARGIN_MS,
    Client: timedClient(queryTimeoutMs),
    ...(plans === 'kept' ? { options: KEPT_PLANS.map((setting) => `-c ${setting}`).join(' ') } : {}),
  });
  // An idle connection that breaks (Postgres restarted) is replaced at its next use; without a listener
  // node-postgres would end the process.
  pool.on('error', () => {});
  // The same goes for one that is lost between two statements of a transaction: the next one says so.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** What Postgres says when it cannot do now what it could do before, by the beginning of its code. */
const TROUBLES: [code: string, words: string][] = [
  ['25006', 'Postgres takes no writes: it is read-only'],
  ['53100', 'Postgres has no space left on its disk'],
  ['53300', 'Postgres has no connections left'],
  ['53', 'Postgres has too few resources'],
  ['57014', 'Postgres answers too slowly'],
  ['57', 'Postgres is stopping, starting or recovering'],
  ['58', 'Postgres cannot read or write its files'],
  ['40P01', 'Postgres answers too slowly'],
  ['08', 'Postgres cannot be reached'],
];
const UNREACHABLE = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

/** Of node-postgres itself, which gives them no code. */
const LOST =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|not queryable|query read timeout/i;

/** SQLSTATE, or the system's code; empty where there is none. */
export const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? '';

/**
 * Connection lost or silent, server starting, stopping, out of something or read-only (it was a primary once), statement
 * timed out or deadlocked: worth another try, on another connection.
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return (
    TROUBLES.some(([start]) => code.startsWith(start)) ||
    UNREACHABLE.includes(code) ||
    LOST.test(error.message)
  );
}

/** Such an error in words for anybody: no host, no name, nothing of a statement. */
export function describeTrouble(error: unknown): string {
  const code = codeOf(error);
  if (/^(28|3D)/.test(code)) return 'Postgres refuses to let us in: look at DATABASE_URL';
  return TROUBLES.find(([start]) => code.startsWith(start))?.[1] ?? 'Postgres cannot be reached';
}

/** A lock that was not to be had in time, a deadlock, or rows that came in between: worth another try in a moment. */
export const isInTheWay = (error: unknown): boolean => ['55P03', '40P01', '23514'].includes(codeOf(error));
