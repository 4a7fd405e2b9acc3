/** A Postgres that is there and of no use: read-only, out of disk, silent. Nothing is lost, and nothing has to be restarted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { lockDataDir } from '../../src/embedded/lock.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { createPool, isConnectionError } from '../../src/store/pool.ts';
import { startProxy } from '../support/proxy.ts';
import { expectCounts, numbers, setStage, TENANT, type OnFinished, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** Eight, and what a busy machine adds. Before there was a limit, it was 35. */
const SOON_SECONDS = 12;

/** A server of its own: what is set there concerns all of its databases. */
async function startOwnPostgres(onFinished: OnFinished) {
  const dataDir = mkdtempSync(join(tmpdir(), 'posthorn-test-postgres-'));
  onFinished(async () => rmSync(dataDir, { recursive: true, force: true }));
  // Else another run of the tests would take it for a leftover.
  lockDataDir(dataDir);
  const server = await startPostgres({
    dataDir,
    port: await pickPort(0, 'Postgres', () => {}),
    log: () => {},
  });
  onFinished(() => server.stop());
  return server.url;
}

async function readiness(stage: Stage): Promise<{ status: number; reasons?: string[] }> {
  const answer = await fetch(`${stage.child.url}/readyz`);
  return { status: answer.status, ...((await answer.json()) as object) };
}

async function expectRefused(stage: Stage, n: number, words: RegExp): Promise<void> {
  const { status, headers, body } = await stage.publish(n);
  expect(status, JSON.stringify(body)).toBe(503);
  expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(body.detail).toMatch(words);
  const { status: ready, reasons } = await until(
    () => readiness(stage),
    (found) => found.status === 503,
  );
  expect(ready).toBe(503);
  expect(reasons?.join()).toMatch(words);
}

/** All that was accepted before and after arrives once. */
async function expectRecovered(stage: Stage, before: number[], after: number[]): Promise<void> {
  await until(
    () => stage.publish(after[0]!),
    ({ status }) => status === 202,
  );
  for (const n of after.slice(1)) expect((await stage.publish(n)).status).toBe(202);
  await until(
    () => readiness(stage),
    ({ status }) => status === 200,
  );
  await stage.deliveries('succeeded', before.length + after.length);
  expectCounts(stage.counts('/a'), [...before, ...after], 1);
}

/** What a server of its own does to all that is written, what ends that, and how it is said. */
const TAKES_NO_WRITES = [
  {
    words: /read-only/,
    begin: ['ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()'],
    end: ['ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()'],
  },
  {
    words: /no space left on its disk/,
    // As Postgres answers then, for what makes a table grow.
    begin: [
      `CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100'; END $$`,
      'CREATE TRIGGER no_space BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION no_space()',
    ],
    end: ['DROP TRIGGER no_space ON deliveries'],
  },
];

it.concurrent(
  'Postgres read-only, as one that is no primary any more, or without space: 503, said why, and all goes on when it takes writes',
  async ({ onTestFinished }) => {
    const stage = await setStage(onTestFinished, { databaseUrl: await startOwnPostgres(onTestFinished) });
    await stage.endpoint('/a');
    let n = 0;
    for (const { words, begin, end } of TAKES_NO_WRITES) {
      for (const _ of numbers(1, 5)) expect((await stage.publish((n += 1))).status).toBe(202);
      for (const statement of begin) await stage.sql(statement);
      await expectRefused(stage, 99, words);
      for (const statement of end) await stage.sql(statement);
      await expectRecovered(stage, numbers(1, n), numbers(n + 1, n + 4));
      n += 4;
    }
  },
);

describe.concurrent('a Postgres that says nothing, over connections that seem to be well', () => {
  it.for([
    ['does not hear', 'hold'],
    ['does, and is not heard', 'mute'],
  ] as const)(
    'and %s: 503 within seconds, also for who comes later, and nothing is lost or sent twice',
    async ([, silence], { onTestFinished }) => {
      const databaseProxy = await startProxy(Number(new URL(inject('databaseAdminUrl')).port));
      onTestFinished(() => databaseProxy.stop());
      const stage = await setStage(onTestFinished, { databaseProxy });
      await stage.endpoint('/a');
      const publish = (n: number) =>
        stage.child.call('POST', `${TENANT}/events`, { id: `own-${n}`, type: 'a.b', data: { n } });
      for (const n of numbers(1, 3)) expect((await publish(n)).status).toBe(202);
      await stage.deliveries('succeeded', 3);

      databaseProxy[silence]();
      const begun = numbers(4, 20).map(async (n) => {
        await sleep((n - 4) * 250);
        const since = performance.now();
        const { status, headers, body } = await publish(n);
        return {
          status,
          retryAfter: headers.get('retry-after'),
          body,
          seconds: (performance.now() - since) / 1000,
        };
      });
      for (const { status, retryAfter, body, seconds } of await Promise.all(begun)) {
        expect(status).toBe(503);
        expect(retryAfter).toMatch(/^[1-9]\d*$/);
        expect(body.detail).toMatch(/same id or idempotency key: it may have been accepted/);
        expect(seconds).toBeLessThan(SOON_SECONDS);
      }

      databaseProxy.release();
      const all = numbers(1, 20);
      for (const n of all) {
        const { status, body } = await until(
          () => publish(n),
          (answer) => answer.status !== 503,
        );
        expect([200, 202], JSON.stringify(body)).toContain(status);
      }
      await stage.deliveries('succeeded', all.length);
      expectCounts(stage.counts('/a'), all, 1);
    },
  );
});

it.concurrent(
  'a connection that is read-only or silent is thrown away, and what failed on it may be tried again',
  async ({ onTestFinished }) => {
    const proxy = await startProxy(Number(new URL(inject('databaseAdminUrl')).port));
    onTestFinished(() => proxy.stop());
    const url = new URL(inject('databaseAdminUrl'));
    url.port = String(proxy.port);
    const pool = createPool(url.href, 1);
    onTestFinished(() => pool.end());
    const pidOf = async () =>
      (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;

    const first = await pidOf();
    await pool.query('SET default_transaction_read_only = on');
    const refused = await pool.query('CREATE TABLE never (id int)').catch((error: unknown) => error);
    expect((refused as pg.DatabaseError).code).toBe('25006');
    expect(isConnectionError(refused)).toBe(true);
    const second = await pidOf();
    expect(second).not.toBe(first);

    proxy.hold();
    const patience = { text: 'SELECT 1', query_timeout: 200 };
    const unanswered = await pool.query(patience).catch((error: unknown) => error);
    expect(String(unanswered)).toMatch(/read timeout/i);
    expect(isConnectionError(unanswered)).toBe(true);
    proxy.release();
    expect(await pidOf()).not.toBe(second);
  },
);
