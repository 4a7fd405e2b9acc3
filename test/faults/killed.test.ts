/** kill -9 at each step of an event's way, and a new start: nothing is lost, and only what was in flight is repeated. */
import { setTimeout } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { describe, expect, inject, it } from 'vitest';
import { MAX_UNWRITTEN } from '../../src/dispatch/recorder.ts';
import { startProxy } from '../support/proxy.ts';
import type { Received } from '../support/receiver.ts';
import { expectCounts, numberOf, numbers, setStage, type OnFinished, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const hang = () => {};
/** What is left unanswered must still be so when the process is killed. */
const PATIENT = { timeout_seconds: 30 };
/** A retry that was due while its process was down comes when it is found. The sweep for lost ones looks after 60 s. */
const FOUND_WITHIN_MS = 30_000;
/** To one endpoint at a time (MAX_IN_FLIGHT_PER_ENDPOINT). */
const ON_THE_WIRE = 32;

const attemptsPerDelivery = async (stage: Stage) =>
  (
    await stage.sql<{ count: number }>('SELECT count(*)::int AS count FROM attempts GROUP BY delivery_id')
  ).map((row) => row.count);

describe.concurrent.each(['fast', 'strict'])('killed, with DISPATCH=%s,', (mode) => {
  const env = { DISPATCH: mode };

  it('after the commit and before any attempt: each event is delivered', async (test) => {
    const stage = await setStage(test.onTestFinished, { env: { ...env, MAX_IN_FLIGHT: '1' } });
    await stage.endpoint('/a', PATIENT);
    stage.receiver.answer(hang);
    await stage.publishMany(1, 40);
    await until(
      () => stage.receiver.at('/a'),
      (received) => received.length === 1,
    );
    const inFlight = numberOf(stage.receiver.received[0]!);
    await stage.child.kill9();
    stage.receiver.answer(200);
    await stage.child.restart();
    await stage.deliveries('succeeded', 40);
    expectCounts(stage.counts('/a'), numbers(1, 40), (n) => (n === inFlight ? 2 : 1));
  });

  it('while an endpoint has a request before it: only that one is sent again', async (test) => {
    const stage = await setStage(test.onTestFinished, { env });
    await stage.endpoint('/a', PATIENT);
    stage.receiver.answer((request, response) => {
      if (numberOf(request) !== 3) response.end();
    });
    await stage.publishMany(1, 20);
    await until(
      () => stage.receiver.at('/a'),
      (received) => received.length === 20,
    );
    await stage.deliveries('succeeded', 19);
    await stage.child.kill9();
    stage.receiver.answer(200);
    await stage.child.restart();
    await stage.deliveries('succeeded', 20);
    expectCounts(stage.counts('/a'), numbers(1, 20), (n) => (n === 3 ? 2 : 1));
  });

  it('after the request, before its record: it is sent once more, and recorded once', async (test) => {
    const stage = await setStage(test.onTestFinished, { env });
    await stage.endpoint('/a');
    const release = await stage.hold('LOCK TABLE attempts IN SHARE MODE');
    await stage.publishMany(1, 10);
    await until(
      () => stage.receiver.at('/a'),
      (received) => received.length === 10,
    );
    const backends = await stage.blocked('INSERT INTO attempts');
    await stage.child.kill9();
    // Else the statements would still be carried out for a client that is gone.
    await stage.sql('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', backends);
    await release();
    await stage.child.restart();
    await stage.deliveries('succeeded', 10);
    const counts = stage.counts('/a');
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual(numbers(1, 10));
    expect(Math.max(...counts.values())).toBe(2);
    expect(await attemptsPerDelivery(stage)).toEqual(Array(10).fill(1));
  });

  it('while a set of retries is under way: those that were recorded are not repeated', async (test) => {
    const stage = await setStage(test.onTestFinished, { env });
    await stage.endpoint('/a', { ...PATIENT, retry_schedule_seconds: [1, 1] });
    const seen = new Map<number, number>();
    stage.receiver.answer((request: Received, response) => {
      const n = numberOf(request);
      const times = (seen.get(n) ?? 0) + 1;
      seen.set(n, times);
      if (times === 1) response.writeHead(500).end();
      else if (times > 2 || n !== 7) response.end();
    });
    await stage.publishMany(1, 30);
    await until(
      () => stage.receiver.at('/a'),
      (received) => received.length === 60,
    );
    await stage.deliveries('succeeded', 29);
    await stage.child.kill9();
    await stage.child.restart();
    await stage.deliveries('succeeded', 30);
    expectCounts(stage.counts('/a'), numbers(1, 30), (n) => (n === 7 ? 3 : 2));
    expect(await attemptsPerDelivery(stage)).toEqual(Array(30).fill(2));
  });
});

it('killed while Postgres takes no records: never more than so many had been sent, and are sent again', async (test) => {
  const stage = await setStage(test.onTestFinished);
  const paths = ['/a', '/b', '/c', '/d'];
  for (const path of paths) await stage.endpoint(path);
  const most = MAX_UNWRITTEN + paths.length * ON_THE_WIRE;
  const release = await stage.hold('LOCK TABLE attempts IN SHARE MODE');
  await stage.publishMany(1, 400);
  const sent = () => stage.receiver.received.length;
  await until(sent, (count) => count >= MAX_UNWRITTEN);
  // What it would send on is sent within less than this, and before Postgres is given up (3 s).
  await setTimeout(1_000);
  expect(sent()).toBeLessThanOrEqual(most);
  const backends = await stage.blocked('INSERT INTO attempts');
  await stage.child.kill9();
  await stage.sql('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', backends);
  await release();
  await stage.child.restart();
  await stage.deliveries('succeeded', 1_600);
  for (const path of paths) expect(stage.counts(path).size).toBe(400);
  expect(sent() - 1_600).toBeLessThanOrEqual(most);
});

describe.concurrent('killed between the first attempt and its workflow', () => {
  /** Fails first and succeeds then; the record is written, Temporal has not been told. */
  async function failUntold(test: { onTestFinished: OnFinished }, events: number) {
    const port = Number(inject('temporalAddress').split(':')[1]);
    const proxy = await startProxy(port);
    test.onTestFinished(() => proxy.stop());
    const stage = await setStage(test.onTestFinished, {
      temporalAddress: `127.0.0.1:${proxy.port}`,
      env: { DISPATCH: 'fast' },
    });
    await stage.endpoint('/a', { retry_schedule_seconds: [10] });
    stage.receiver.answer(500);
    proxy.cut();
    for (const n of numbers(1, events)) expect((await stage.publish(n)).status).toBe(202);
    await stage.deliveries('retrying', events);
    stage.receiver.answer(200);
    const rows = await stage.sql<{ id: string; next_attempt_at: Date }>(
      'SELECT id, next_attempt_at FROM deliveries ORDER BY id',
    );
    return {
      stage,
      proxy,
      ids: rows.map((row) => row.id),
      due: rows.map((row) => row.next_attempt_at.getTime()),
    };
  }

  async function restartAndExpectRetriesOnTime(stage: Stage, due: number[]) {
    await stage.child.restart();
    const restartedAt = Date.now();
    await stage.deliveries('succeeded', due.length);
    expectCounts(stage.counts('/a'), numbers(1, due.length), 2);
    const retries = stage.receiver.at('/a').slice(due.length);
    for (const retry of retries) {
      const dueAt = due[numberOf(retry) - 1]!;
      expect(retry.atMs).toBeGreaterThanOrEqual(dueAt - 10);
      expect(retry.atMs).toBeLessThan(Math.max(dueAt, restartedAt) + FOUND_WITHIN_MS);
    }
    expect(await attemptsPerDelivery(stage)).toEqual(due.map(() => 2));
  }

  it('before the start: the attempt is not repeated, and the retry comes by schedule', async (test) => {
    const { stage, proxy, due } = await failUntold(test, 5);
    await stage.child.kill9();
    proxy.restore();
    await restartAndExpectRetriesOnTime(stage, due);
  });

  it('after the start, before the workflow took it over: the same', async (test) => {
    const { stage, proxy, ids, due } = await failUntold(test, 1);
    const release = await stage.hold(`SELECT 1 FROM deliveries WHERE id = '${ids[0]}' FOR UPDATE`);
    proxy.restore();
    await stage.blocked('UPDATE deliveries SET workflow_id');
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    test.onTestFinished(() => connection.close());
    const workflow = await new Client({ connection }).workflow.getHandle(ids[0]!).describe();
    expect(workflow.status.name).toBe('RUNNING');
    await stage.child.kill9();
    await release();
    await restartAndExpectRetriesOnTime(stage, due);
  });
});
