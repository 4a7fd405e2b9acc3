import type { Logger } from 'pino';
import type { Closers } from '../closers.ts';
import { keepDaysReadyHourly } from './days-ahead.ts';
import { startListener } from './listener.ts';
import { migrate } from './migrate.ts';
import { createPool, QUERY_TIMEOUT_MS } from './pool.ts';

export type Database = Awaited<ReturnType<typeof openDatabase>>;

const DISPATCH_CONNECTIONS = 6;
const LIST_CONNECTIONS = 3;
const UPKEEP_CONNECTIONS = 2;
const LONG_WORK_CONNECTIONS = 2;

/** Tables as this version needs them, and connections for each purpose, so that none takes another's. */
export async function openDatabase(url: string, requestConnections: number, log: Logger, closers: Closers) {
  await migrate(url, log);
  const open = (connections: number, plans: 'kept' | 'chosen', use: keyof typeof QUERY_TIMEOUT_MS) => {
    const pool = createPool(url, connections, plans, QUERY_TIMEOUT_MS[use]);
    closers.push('a pool of database connections', () => pool.end());
    return pool;
  };
  const pool = open(requestConnections, 'chosen', 'requests');
  // A crowd of requests must not keep attempts from being recorded.
  const dispatchPool = open(DISPATCH_CONNECTIONS, 'kept', 'dispatch');
  const heartbeatDb = open(1, 'kept', 'heartbeat');
  // Nor must lists keep events from being accepted.
  const listPool = open(LIST_CONNECTIONS, 'chosen', 'lists');
  // What takes long, and what nobody waits for.
  const upkeepPool = open(UPKEEP_CONNECTIONS, 'chosen', 'upkeep');
  // Steps of replays and releases: each looks rows up by key, in all days.
  const longWorkPool = open(LONG_WORK_CONNECTIONS, 'kept', 'upkeep');
  closers.push('the days to come', keepDaysReadyHourly(upkeepPool, log));
  const listener = startListener(url, log);
  closers.push('the listener', () => listener.stop());
  return { pool, dispatchPool, heartbeatDb, listPool, upkeepPool, longWorkPool, listener };
}
