/** Temporal away, back, emptied, or interfered with: a server of its own that is really stopped. */
import { Client, Connection } from '@temporalio/client';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockDataDir } from '../../src/embedded/lock.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { startTemporal, type EmbeddedTemporal } from '../../src/embedded/temporal-server.ts';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/names.ts';
import { expectCounts, numberOf, numbers, setStage, TENANT, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'posthorn-test-temporal-'));
const closing: (() => Promise<void>)[] = [];
let port: number;
let server: EmbeddedTemporal | null = null;
let stage: Stage;

async function startServer(searchAttributes: typeof SEARCH_ATTRIBUTES = SEARCH_ATTRIBUTES): Promise<void> {
  server = await startTemporal({
    dataDir,
    port,
    uiPort: false,
    searchAttributes,
    log: () => {},
  });
  expect(server.address).toBe(`127.0.0.1:${port}`);
}

async function stopServer(): Promise<void> {
  await server?.stop();
  server = null;
}

beforeAll(async () => {
  // Else another run of the tests would take it for a leftover.
  lockDataDir(dataDir);
  port = await pickPort(0, 'Temporal', () => {});
  const onFinished = (close: () => Promise<void>) => void closing.push(close);
  const temporalAddress = `127.0.0.1:${port}`;
  const env = { DISPATCH: 'fast' };
  stage = await setStage(onFinished, { temporalAddress, withoutTemporal: true, env });
  await stage.endpoint('/ok', { events: ['ok.*'] });
  await stage.endpoint('/fail', { events: ['fail.*'], retry_schedule_seconds: [2, 5] });
  await stage.endpoint('/later', { events: ['later.*'], retry_schedule_seconds: [3600] });
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await stopServer();
  rmSync(dataDir, { recursive: true, force: true });
});

/** What comes a first time is refused, what comes again is taken. */
function refuseFirst(): void {
  const seen = new Set<string>();
  stage.receiver.answer((request, response) => {
    const key = `${request.path} ${numberOf(request)}`;
    response.writeHead(request.path === '/ok' || seen.has(key) ? 200 : 500).end();
    seen.add(key);
  });
}

async function publishAndReceive(from: number, to: number): Promise<void> {
  const already = stage.receiver.received.length;
  for (const n of numbers(from, to)) {
    for (const type of ['ok.a', 'fail.a']) {
      const answer = await stage.child.call('POST', `${TENANT}/events`, { type, data: { n } });
      expect(answer.status).toBe(202);
    }
  }
  const wanted = already + 2 * (to - from + 1);
  await until(
    () => stage.receiver.received,
    (received) => received.length >= wanted,
  );
}

async function histories(): Promise<{ runs: unknown[] }[]> {
  const { body } = await stage.child.call('GET', `${TENANT}/deliveries?limit=200`);
  const ids = (body.data as { id: string }[]).map(({ id }) => id);
  const read: { runs: unknown[] }[] = [];
  // One by one: a tenant may read two at a time.
  for (const id of ids) read.push((await stage.child.call('GET', `${TENANT}/deliveries/${id}/history`)).body);
  return read;
}

it('accepts and attempts before Temporal has ever been there, and retries when it comes', async () => {
  refuseFirst();
  await publishAndReceive(1, 20);
  await stage.deliveries('retrying', 20);
  await sleep(2_500);
  expectCounts(stage.counts('/fail'), numbers(1, 20), 1);
  await startServer();
  await stage.deliveries('succeeded', 40);
  expectCounts(stage.counts('/ok'), numbers(1, 20), 1);
  expectCounts(stage.counts('/fail'), numbers(1, 20), 2);
});

it('goes on while Temporal is stopped, and every delivery is in a workflow once it is back', async () => {
  await stopServer();
  for (const from of [21, 31]) {
    await publishAndReceive(from, from + 9);
    await sleep(2_500);
  }
  expectCounts(stage.counts('/fail'), numbers(1, 40), (n) => (n <= 20 ? 2 : 1));
  await startServer();
  await stage.deliveries('succeeded', 80);
  expectCounts(stage.counts('/ok'), numbers(1, 40), 1);
  expectCounts(stage.counts('/fail'), numbers(1, 40), 2);
  await until(histories, (all) => all.length === 80 && all.every(({ runs }) => runs.length > 0), 500);
});

it('carries on what a Temporal that lost its data had, and cancels what an operator terminated', async () => {
  /** Publishes, and waits for the workflow that will make the second attempt. */
  const carried = async (n: number): Promise<string> => {
    const { body } = await stage.child.call('POST', `${TENANT}/events`, { type: 'later.a', data: { n } });
    const [row] = await until(
      () =>
        stage.sql<{ workflow_id: string }>(
          `SELECT workflow_id FROM deliveries WHERE id = $1 AND status = 'retrying' AND workflow_id IS NOT NULL`,
          body.delivery_ids[0],
        ),
      (rows) => rows.length === 1,
    );
    return row!.workflow_id;
  };
  for (const n of numbers(1, 3)) await carried(n);
  await stopServer();
  for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `temporal.db${end}`), { force: true });
  // As if an hour had passed: Temporal would have attempted them long ago.
  await stage.sql(
    `UPDATE deliveries SET next_attempt_at = now() - interval '2 minutes' WHERE status = 'retrying'`,
  );
  // Nor does it know our search attributes.
  await startServer({});

  const workflowId = await carried(4);
  const connection = await Connection.connect({ address: server!.address });
  await new Client({ connection }).workflow.getHandle(workflowId).terminate('by an operator');
  await connection.close();

  await stage.deliveries('cancelled', 1);
  await stage.deliveries('succeeded', 83);
  expectCounts(stage.counts('/later'), numbers(1, 4), (n) => (n === 4 ? 1 : 2));
  expect(stage.child.endedAs()).toBeNull();
});
