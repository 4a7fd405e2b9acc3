/** What every worker asks Postgres every few seconds, with the plans that its connections keep. */
import type { QueryConfig } from 'pg';
import { lowestDeliveryIdAt } from '../../src/ids.ts';
import { readBacklog } from '../../src/store/backlog.ts';
import { pendingWorkflows, retryingWorkflows } from '../../src/store/carried-workflows.ts';
import { claimDeliveries } from '../../src/store/claim-deliveries.ts';
import { createPool, type Pool, type Queryable } from '../../src/store/pool.ts';
import { absentClaimants } from '../../src/store/release-claims.ts';
import { releaseWronglyHeld } from '../../src/store/release-held.ts';
import { claimedLongAgo, FIRST_CLAIMED } from '../../src/store/stray-deliveries.ts';
import { waitingEndpoints } from '../../src/store/waiting-endpoints.ts';
import { rounded } from '../statistics.ts';

export interface StatementCost {
  statement: string;
  ms: number;
  /** Pages of 8 KiB that it looked at, from memory or disk. */
  pages: number;
}

interface Explained {
  'Execution Time': number;
  Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number };
}

const TIMES = 3;

/** The quickest of a few runs of each: what it costs, not what else the machine did. Changes nothing. */
export async function costOfStatements(databaseUrl: string): Promise<StatementCost[]> {
  const pool = createPool(databaseUrl, 1, 'kept');
  const minuteAgo = lowestDeliveryIdAt(new Date(Date.now() - 60_000));
  const yesterday = new Date(Date.now() - 86_400_000);
  const order = { endpointId: 'ep_none', status: 'pending', count: 500 } as const;
  const statements: [string, (db: Queryable) => Promise<unknown>][] = [
    [
      'waiting endpoints, of a day',
      (db) => waitingEndpoints(db, { afterId: '', since: yesterday, limit: 200 }),
    ],
    [
      'waiting endpoints, of all days',
      (db) => waitingEndpoints(db, { afterId: '', since: null, limit: 200 }),
    ],
    ['a claim', (db) => claimDeliveries(db, { processId: 1, orders: [order], maxBytes: 8 << 20 })],
    ['claimants that are gone', (db) => absentClaimants(db)],
    [
      'claimed long ago',
      (db) =>
        claimedLongAgo(db, { processId: 1, olderThanId: minuteAgo, after: FIRST_CLAIMED, limit: 1_000 }),
    ],
    ['retrying workflows', (db) => retryingWorkflows(db, null, 60, 1_000)],
    ['pending workflows', (db) => pendingWorkflows(db, '', minuteAgo, 1_000)],
    ['wrongly held', (db) => releaseWronglyHeld(db, '')],
    ['backlog, for /metrics', (db) => readBacklog(db)],
  ];
  try {
    const costs: StatementCost[] = [];
    for (const [statement, run] of statements) costs.push({ statement, ...(await costOf(pool, run)) });
    return costs;
  } finally {
    await pool.end();
  }
}

async function costOf(pool: Pool, run: (db: Queryable) => Promise<unknown>) {
  const explained: Explained[] = [];
  const query = async ({ text, values = [] }: QueryConfig) => {
    const client = await pool.connect();
    try {
      await client.query(`BEGIN; PREPARE explained AS ${text}`);
      const literals = values.length > 0 ? `(${values.map(literal).join(', ')})` : '';
      const { rows } = await client.query<{ 'QUERY PLAN': Explained[] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained${literals}`,
      );
      explained.push(rows[0]!['QUERY PLAN'][0]!);
    } finally {
      await client.query('ROLLBACK; DEALLOCATE ALL');
      client.release();
    }
    return { rows: [{ count: 0, next: null, oldestId: null }] };
  };
  for (let time = 0; time < TIMES; time += 1) await run({ query } as unknown as Queryable);
  const cheapest = explained.sort((a, b) => a['Execution Time'] - b['Execution Time'])[0]!;
  const { Plan: plan } = cheapest;
  return {
    ms: rounded(cheapest['Execution Time']),
    pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
  };
}

/** Ours are ids, numbers and lists of them. */
const literal = (value: unknown): string =>
  typeof value === 'number'
    ? String(value)
    : `'${Array.isArray(value) ? `{${value.join(',')}}` : String(value)}'`;
