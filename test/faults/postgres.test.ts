/** Postgres restarted, cut off, or slow: what was answered 2xx is delivered, and no attempt is made twice. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { until, type Answer } from '../support/posthorn.ts';
import { startProxy } from '../support/proxy.ts';
import { expectCounts, numberOf, numbers, setStage, type OnFinished, type Stage } from '../support/stage.ts';

async function startOwnPostgres(onFinished: OnFinished) {
  const dataDir = mkdtempSync(join(tmpdir(), 'posthorn-test-postgres-'));
  onFinished(async () => rmSync(dataDir, { recursive: true, force: true }));
  const port = await pickPort(0, 'Postgres', () => {});
  const start = () => startPostgres({ dataDir, port, log: () => {} });
  let server = await start();
  onFinished(() => server.stop());
  return {
    url: server.url,
    async restart() {
      await server.stop();
      await sleep(1_500);
      server = await start();
    },
    /** Ends at once without tidying up; it is started again by itself, and recovers from its log. */
    crash() {
      const { pid } = JSON.parse(readFileSync(join(dataDir, 'postgres-server.pid'), 'utf8')) as {
        pid: number;
      };
      process.kill(pid, 'SIGQUIT');
    },
  };
}

/** Publishes over several connections until told to stop; resolves with the answers by n. */
function publishSteadily(stage: Stage, perSecond: number, connections: number) {
  const answers = new Map<number, Answer>();
  let n = 0;
  let stopped = false;
  const one = async () => {
    while (!stopped) {
      const mine = ++n;
      answers.set(mine, await stage.publish(mine));
      await sleep((1000 * connections) / perSecond);
    }
  };
  const all = Array.from({ length: connections }, one);
  return async () => {
    stopped = true;
    await Promise.all(all);
    return answers;
  };
}

function expectOnlyAcceptedOr503(answers: Iterable<Answer>): void {
  for (const { status, headers, body } of answers) {
    expect([202, 503], JSON.stringify(body)).toContain(status);
    if (status === 503) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  }
}

const accepted = (answers: Map<number, Answer>) =>
  [...answers].filter(([, { status }]) => status === 202).map(([n]) => n);

async function expectLogOfOneAttemptEach(stage: Stage): Promise<void> {
  const wrong = await stage.sql(
    `SELECT d.id, d.status, count(a.*)::int AS attempts FROM deliveries d LEFT JOIN attempts a ON a.delivery_id = d.id
      GROUP BY d.id HAVING d.status <> 'succeeded' OR count(a.*) <> 1`,
  );
  expect(wrong).toEqual([]);
}

describe.concurrent('Postgres', () => {
  it('restarted and crashed under load: all that was accepted is delivered once', async ({
    onTestFinished,
  }) => {
    const postgres = await startOwnPostgres(onTestFinished);
    const stage = await setStage(onTestFinished, { databaseUrl: postgres.url });
    await stage.endpoint('/a');
    const stop = publishSteadily(stage, 60, 6);
    await sleep(2_000);
    await postgres.restart();
    await sleep(3_000);
    postgres.crash();
    await sleep(5_000);
    const answers = await stop();
    expectOnlyAcceptedOr503(answers.values());
    const ns = accepted(answers);
    expect(ns.length).toBeGreaterThan(200);
    await until(
      () => stage.counts('/a'),
      (counts) => ns.every((n) => counts.has(n)),
      20_000,
      100,
    );
    await until(
      () => stage.sql(`SELECT 1 FROM deliveries WHERE status <> 'succeeded'`),
      (rows) => rows.length === 0,
      30_000,
      200,
    );
    await expectLogOfOneAttemptEach(stage);
    // One that was answered 503 may have been accepted all the same: that is what idempotency keys are for.
    expect(Math.max(...stage.counts('/a').values())).toBe(1);
  }, 90_000);

  it.for(['fast', 'strict'])(
    'cut off after the requests, before the records (DISPATCH=%s): no second request, and the log is mended',
    { timeout: 60_000 },
    async (mode, { onTestFinished }) => {
      const proxy = await startProxy(Number(new URL(inject('databaseAdminUrl')).port));
      onTestFinished(() => proxy.stop());
      const stage = await setStage(onTestFinished, { databaseProxy: proxy, env: { DISPATCH: mode } });
      await stage.endpoint('/a', { retry_schedule_seconds: [12] });
      let answer: () => void = () => {};
      const cut = new Promise<void>((resolve) => (answer = resolve));
      stage.receiver.answer((request, response) => {
        const again = stage.counts('/a').get(numberOf(request))! > 1;
        void cut.then(() =>
          response.writeHead(numberOf(request) <= 3 && !again ? 500 : 200).end('the answer'),
        );
      });
      for (const n of numbers(1, 10)) expect((await stage.publish(n)).status).toBe(202);
      await until(
        () => stage.receiver.received,
        (received) => received.length === 10,
      );
      proxy.cut();
      answer();
      expect((await stage.publish(99)).status).toBe(503);
      await sleep(1_000);
      proxy.restore();
      await stage.deliveries('succeeded', 7, 20_000);
      await stage.deliveries('retrying', 3, 20_000);
      expectCounts(stage.counts('/a'), numbers(1, 10), 1);
      await stage.deliveries('succeeded', 10, 30_000);
      expectCounts(stage.counts('/a'), numbers(1, 10), (n) => (n <= 3 ? 2 : 1));
      const log = await stage.sql<{ number: number; status_code: number; response_body: string }>(
        'SELECT number, status_code, response_body FROM attempts ORDER BY number, status_code',
      );
      expect(log.map((row) => row.status_code)).toEqual([
        ...Array(7).fill(200),
        500,
        500,
        500,
        200,
        200,
        200,
      ]);
      for (const row of log) expect(row.response_body).toBe('the answer');
    },
  );

  it('slow: publishes wait, beyond the bound they are refused, and memory stays bounded', async ({
    onTestFinished,
  }) => {
    const stage = await setStage(onTestFinished);
    await stage.endpoint('/a');
    await stage.publish(0);
    const release = await stage.hold('LOCK TABLE events IN SHARE MODE');
    const padding = 'x'.repeat(200_000);
    const answers = new Map<number, Answer>();
    const all = numbers(1, 500).map(async (n) => answers.set(n, await stage.publish(n, { padding })));
    // 100 MB in all, of which 64 MiB may wait.
    await until(
      () => answers.size,
      (size) => size >= 100,
      20_000,
    );
    expect([...answers.values()].map(({ status }) => status)).toEqual(Array(answers.size).fill(503));
    const memory = stage.child.residentMib();
    await release();
    await Promise.all(all);
    expectOnlyAcceptedOr503(answers.values());
    const ns = accepted(answers);
    expect(ns.length).toBeGreaterThan(200);
    await stage.deliveries('succeeded', ns.length + 1, 30_000);
    expectCounts(stage.counts('/a'), [0, ...ns], 1);
    expect(memory).toBeLessThan(500);
  }, 60_000);
});
