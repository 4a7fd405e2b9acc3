/** Postgres restarted, or cut off: what was answered 2xx is delivered, and no attempt is made twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { lockDataDir } from '../../src/embedded/lock.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { isRunning, runningFromPidFile } from '../../src/embedded/processes.ts';
import type { Answer } from '../support/posthorn.ts';
import { startProxy } from '../support/proxy.ts';
import { expectCounts, numberOf, numbers, setStage, type OnFinished, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

async function startOwnPostgres(onFinished: OnFinished) {
  const dataDir = mkdtempSync(join(tmpdir(), 'posthorn-test-postgres-'));
  onFinished(async () => rmSync(dataDir, { recursive: true, force: true }));
  // Else another run of the tests would take it for a leftover.
  lockDataDir(dataDir);
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
    async crash() {
      const ref = runningFromPidFile(join(dataDir, 'postgres-server.pid'))!;
      process.kill(ref.pid, 'SIGQUIT');
      await until(
        () => isRunning(ref),
        (runs) => !runs,
      );
    },
  };
}

/** Publishes over several connections until told to stop. */
function publishSteadily(stage: Stage, connections: number) {
  const answers = new Map<number, Answer>();
  let n = 0;
  let stopped = false;
  const one = async () => {
    while (!stopped) {
      const mine = ++n;
      answers.set(mine, await stage.publish(mine));
      await sleep(100);
    }
  };
  const all = Array.from({ length: connections }, one);
  return {
    /** Waits until that many more have been accepted. */
    async acceptMore(count: number) {
      const wanted = accepted(answers).length + count;
      await until(
        () => accepted(answers).length,
        (length) => length >= wanted,
      );
    },
    /** Resolves with the answers by n. */
    async stop() {
      stopped = true;
      await Promise.all(all);
      return answers;
    },
  };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
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
      GROUP BY d.id, d.status HAVING d.status <> 'succeeded' OR count(a.*) <> 1`,
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
    const load = publishSteadily(stage, 6);
    await load.acceptMore(100);
    await postgres.restart();
    await load.acceptMore(100);
    await postgres.crash();
    await load.acceptMore(100);
    const answers = await load.stop();
    expectOnlyAcceptedOr503(answers.values());
    const ns = accepted(answers);
    await until(
      () => stage.counts('/a'),
      (counts) => ns.every((n) => counts.has(n)),
      100,
    );
    await until(
      () => stage.sql(`SELECT 1 FROM deliveries WHERE status <> 'succeeded'`),
      (rows) => rows.length === 0,
      200,
    );
    await expectLogOfOneAttemptEach(stage);
    // One that was answered 503 may have been accepted all the same: that is what idempotency keys are for.
    expect(Math.max(...stage.counts('/a').values())).toBe(1);
  });

  it.for(['fast', 'strict'])(
    'cut off after the requests, before the records (DISPATCH=%s): no second request, and the log is mended',
    async (mode, { onTestFinished }) => {
      const proxy = await startProxy(Number(new URL(inject('databaseAdminUrl')).port));
      onTestFinished(() => proxy.stop());
      const stage = await setStage(onTestFinished, { databaseProxy: proxy, env: { DISPATCH: mode } });
      await stage.endpoint('/a', { retry_schedule_seconds: [5], timeout_seconds: 30 });
      const [cut, mended] = [gate(), gate()];
      stage.receiver.answer((request, response) => {
        const again = stage.counts('/a').get(numberOf(request))! > 1;
        const status = numberOf(request) <= 3 && !again ? 500 : 200;
        void (again ? mended : cut).opened.then(() => response.writeHead(status).end('the answer'));
      });
      for (const n of numbers(1, 10)) expect((await stage.publish(n)).status).toBe(202);
      await until(
        () => stage.receiver.received,
        (received) => received.length === 10,
      );
      proxy.cut();
      cut.open();
      const answeredAt = Date.now();
      expect((await stage.publish(99)).status).toBe(503);
      await sleep(1_000);
      proxy.restore();
      await stage.deliveries('succeeded', 7);
      await stage.deliveries('retrying', 3);
      mended.open();
      await stage.deliveries('succeeded', 10);
      expectCounts(stage.counts('/a'), numbers(1, 10), (n) => (n <= 3 ? 2 : 1));
      // The second requests are retries, each at its time. Ten per cent are jitter.
      for (const { atMs } of stage.receiver.received.slice(10))
        expect(atMs).toBeGreaterThan(answeredAt + 4_490);
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
});
