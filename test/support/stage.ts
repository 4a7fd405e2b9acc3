/** Where faults are played: a Posthorn to kill, a receiver that counts, and hands on the database. */
import pg from 'pg';
import { expect } from 'vitest';
import { startChild, type Child, type ChildOptions } from './child.ts';
import { createDatabase, type Answer } from './posthorn.ts';
import type { TestProxy } from './proxy.ts';
import { startTestReceiver, type Received, type TestReceiver } from './receiver.ts';
import { until } from './until.ts';

export interface Stage {
  child: Child;
  receiver: TestReceiver;
  databaseUrl: string;
  /** `path`: at the receiver. */
  endpoint(path: string, settings?: object): Promise<string>;
  /** Publishes one event whose data is {n, …more}. */
  publish(n: number, more?: object): Promise<Answer>;
  /** Publishes from..to in one request; all must be accepted. */
  publishMany(from: number, to: number, type?: string): Promise<void>;
  /** How often each event (its n) has come to the path. */
  counts(path: string): Map<number, number>;
  sql<Row extends pg.QueryResultRow>(text: string, ...values: unknown[]): Promise<Row[]>;
  /** Waits until that many deliveries have the status. */
  deliveries(status: string, count: number): Promise<void>;
  /** Runs statements in a transaction that stays open. Returns what ends it. */
  hold(...statements: string[]): Promise<() => Promise<void>>;
  /** Waits until Posthorn waits for a lock in a statement that looks like this; returns its backends. */
  blocked(pattern: string): Promise<number[]>;
}

export type OnFinished = (after: () => Promise<void>) => void;
export interface StageOptions extends Partial<ChildOptions> {
  /** Between Posthorn and the shared Postgres; the test itself goes past it. */
  databaseProxy?: TestProxy;
}

export const TENANT = '/v1/tenants/acme';

/** Everything ends when the test does: pass it the `onTestFinished` of its context. */
export async function setStage(onFinished: OnFinished, options: StageOptions = {}): Promise<Stage> {
  const databaseUrl = options.databaseUrl ?? (await createDatabase());
  const receiver = await startTestReceiver();
  onFinished(() => receiver.stop());
  const child = await startChild({
    ...options,
    databaseUrl: throughProxy(databaseUrl, options.databaseProxy),
  });
  onFinished(() => child.kill9());
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => {});
  onFinished(() => pool.end());

  const sql = async <Row extends pg.QueryResultRow>(text: string, ...values: unknown[]) =>
    (await pool.query<Row>(text, values)).rows;
  return {
    child,
    receiver,
    databaseUrl,
    sql,
    async endpoint(path, settings = {}) {
      const answer = await child.call('POST', `${TENANT}/endpoints`, {
        url: receiver.url + path,
        ...settings,
      });
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      return answer.body.id as string;
    },
    publish: (n, more) => child.call('POST', `${TENANT}/events`, { type: 'a.b', data: { n, ...more } }),
    async publishMany(from, to, type = 'a.b') {
      const events = numbers(from, to).map((n) => ({ type, data: { n } }));
      const answer = await child.call('POST', `${TENANT}/events/batch`, { events });
      expect(answer.status).toBe(202);
      for (const result of answer.body.results) expect(result).toHaveProperty('delivery_ids');
    },
    counts: (path) => countsOf(receiver.at(path)),
    async deliveries(status, count) {
      const ask = () =>
        sql<{ status: string; count: number }>(
          'SELECT status, count(*)::int AS count FROM deliveries GROUP BY status',
        );
      const reached = (rows: { status: string; count: number }[]) =>
        (rows.find((row) => row.status === status)?.count ?? 0) === count;
      await until(ask, reached, 50);
    },
    async hold(...statements) {
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      for (const statement of ['BEGIN', ...statements]) await client.query(statement);
      const end = async () => {
        await client.query('COMMIT');
        await client.end();
      };
      let ended: Promise<void> | undefined;
      onFinished(() => (ended ??= end()));
      return () => (ended ??= end());
    },
    async blocked(pattern) {
      const ask = () =>
        sql<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ $1`,
          pattern,
        );
      return (await until(ask, (rows) => rows.length > 0)).map((row) => row.pid);
    },
  };
}

function throughProxy(databaseUrl: string, proxy: TestProxy | undefined): string {
  const url = new URL(databaseUrl);
  if (proxy) url.port = String(proxy.port);
  return url.href;
}

/** The n of the event that a request brought. */
export const numberOf = (request: Received): number =>
  (JSON.parse(request.body) as { data: { n: number } }).data.n;

export function countsOf(requests: Received[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const request of requests) {
    const n = numberOf(request);
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  return counts;
}

export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Each of `expected` came as often as `times` says, and nothing else came. */
export function expectCounts(
  counts: Map<number, number>,
  expected: number[],
  times: number | ((n: number) => number),
): void {
  const wanted = expected.map((n) => [n, typeof times === 'number' ? times : times(n)]);
  const byNumber = (a: number[], b: number[]) => a[0]! - b[0]!;
  expect([...counts].sort(byNumber)).toEqual(wanted.sort(byNumber));
}
