/** kill -9 at each step of an event's way, and a new start: nothing is lost, and only what was in flight is repeated. */
import { setTimeout } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { describe, expect, inject, it } from 'vitest';
import { MAX_UNWRITTEN } from '../../src/dispatch/recorder.ts';
import { startProxy } from '../support/proxy.ts';
import type { Received } from '../support/receiver.ts';
import { expectCounts, numberOf, numbers, setStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const hang = () => {};
/** What is left unanswered must still be so when the process is killed. */
const PATIENT = { timeout_seconds: 30 };
/** A retry that was due while its process was down comes when it is found. The sweep for lost ones looks after 60 s. */
const FOUND_WITHIN_MS = 30_000;
/** To one endpoint at a time (MAX_IN_FLIGHT_PER_ENDPOINT). */
const ON_THE_WIRE = 32;

/** Of the deliveries of these events. */
const attemptsPerDelivery = async (stage: Stage, type = 'a.b') =>
  (
    await stage.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
        WHERE d.event_type = $1 GROUP BY a.delivery_id`,
      type,
    )
  ).map((row) => row.count);

/** Events of the same name go to the path, and to no other. */
const endpointOf = (stage: Stage, name: string, settings: object = {}) =>
  stage.endpoint(`/${name}`, { events: [`${name}.*`], ...settings });

const arrived = (stage: Stage, path: string, count: number) =>
  until(
    () => stage.receiver.at(path),
    (received) => received.length === count,
  );

/**
 * What one process is at when it is killed. Each brings it there with deliveries to an endpoint of its own, of which `ended`
 * succeed before, and returns how the receiver goes on after the kill, and what is to be seen when all have ended.
 */
interface Situation {
  events: number;
  ended: number;
  begin(stage: Stage): Promise<{ afterKill(): void; expectEnd(): Promise<void> | void }>;
}

const beforeAnyAttempt: Situation = {
  events: 40,
  ended: 0,
  async begin(stage) {
    await endpointOf(stage, 'waits', { ...PATIENT, max_in_flight: 1 });
    stage.receiver.answerAt('/waits', hang);
    await stage.publishMany(1, 40, 'waits.a');
    const [first] = await arrived(stage, '/waits', 1);
    return {
      afterKill: () => stage.receiver.answerAt('/waits', 200),
      expectEnd: () =>
        expectCounts(stage.counts('/waits'), numbers(1, 40), (n) => (n === numberOf(first!) ? 2 : 1)),
    };
  },
};

const oneRequestUnderWay: Situation = {
  events: 20,
  ended: 19,
  async begin(stage) {
    await endpointOf(stage, 'one', PATIENT);
    stage.receiver.answerAt('/one', (request, response) => {
      if (numberOf(request) !== 3) response.end();
    });
    await stage.publishMany(1, 20, 'one.a');
    await arrived(stage, '/one', 20);
    return {
      afterKill: () => stage.receiver.answerAt('/one', 200),
      expectEnd: () => expectCounts(stage.counts('/one'), numbers(1, 20), (n) => (n === 3 ? 2 : 1)),
    };
  },
};

/** Of those that were recorded none is repeated. */
const setOfRetriesUnderWay: Situation = {
  events: 30,
  ended: 29,
  async begin(stage) {
    await endpointOf(stage, 'retries', { ...PATIENT, retry_schedule_seconds: [1, 1] });
    const seen = new Map<number, number>();
    stage.receiver.answerAt('/retries', (request: Received, response) => {
      const n = numberOf(request);
      const times = (seen.get(n) ?? 0) + 1;
      seen.set(n, times);
      if (times === 1) response.writeHead(500).end();
      else if (times > 2 || n !== 7) response.end();
    });
    await stage.publishMany(1, 30, 'retries.a');
    await arrived(stage, '/retries', 60);
    return {
      afterKill: () => {},
      async expectEnd() {
        expectCounts(stage.counts('/retries'), numbers(1, 30), (n) => (n === 7 ? 3 : 2));
        expect(await attemptsPerDelivery(stage, 'retries.a')).toEqual(Array(30).fill(2));
      },
    };
  },
};

/** Sent once more, and recorded once. */
const requestsNotRecorded: Situation = {
  events: 10,
  ended: 0,
  async begin(stage) {
    await endpointOf(stage, 'unrecorded');
    await stage.publishMany(1, 10, 'unrecorded.a');
    await arrived(stage, '/unrecorded', 10);
    return {
      afterKill: () => {},
      async expectEnd() {
        const counts = stage.counts('/unrecorded');
        expect([...counts.keys()].sort((a, b) => a - b)).toEqual(numbers(1, 10));
        expect(Math.max(...counts.values())).toBe(2);
        expect(await attemptsPerDelivery(stage, 'unrecorded.a')).toEqual(Array(10).fill(1));
      },
    };
  },
};

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

/** Kills it while a statement waits for what `release` ends, which else would be carried out for a client that is gone. */
async function killBefore(stage: Stage, statement: string, release: () => Promise<void>): Promise<void> {
  const backends = await stage.blocked(statement);
  await stage.child.kill9();
  await stage.sql('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', backends);
  await release();
}

it.concurrent.for(['fast', 'strict'])(
  'killed, with DISPATCH=%s, before attempts, at one, after some, at retries: only what is not recorded is sent again',
  async (mode, test) => {
    const stage = await setStage(test.onTestFinished, { env: { DISPATCH: mode } });
    const recorded = [beforeAnyAttempt, oneRequestUnderWay, setOfRetriesUnderWay];
    const under = await Promise.all(recorded.map(({ begin }) => begin(stage)));
    await stage.deliveries('succeeded', sum(recorded.map(({ ended }) => ended)));
    const release = await stage.hold('LOCK TABLE attempts IN SHARE MODE');
    under.push(await requestsNotRecorded.begin(stage));
    await killBefore(stage, 'INSERT INTO attempts', release);
    for (const { afterKill } of under) afterKill();
    await stage.child.restart();
    await stage.deliveries('succeeded', sum([...recorded, requestsNotRecorded].map(({ events }) => events)));
    for (const { expectEnd } of under) await expectEnd();
  },
);

describe.concurrent('killed', () => {
  it('while Postgres takes no records: never more than so many had been sent, and are sent again', async (test) => {
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
    await killBefore(stage, 'INSERT INTO attempts', release);
    await stage.child.restart();
    await stage.deliveries('succeeded', 1_600);
    for (const path of paths) expect(stage.counts(path).size).toBe(400);
    expect(sent() - 1_600).toBeLessThanOrEqual(most);
  });

  it('between first attempts and their workflows: they are not repeated, and the retries come by schedule', async (test) => {
    const proxy = await startProxy(Number(inject('temporalAddress').split(':')[1]));
    test.onTestFinished(() => proxy.stop());
    const temporalAddress = `127.0.0.1:${proxy.port}`;
    const stage = await setStage(test.onTestFinished, { temporalAddress, env: { DISPATCH: 'fast' } });
    await stage.endpoint('/a', { retry_schedule_seconds: [10] });
    /** The records are written, Temporal has not been told. */
    const failUntold = async (from: number, to: number) => {
      proxy.cut();
      for (const n of numbers(from, to)) expect((await stage.publish(n)).status).toBe(202);
      await stage.deliveries('retrying', to);
    };
    stage.receiver.answer(500);
    await failUntold(1, 1);
    const [first] = await stage.sql<{ id: string }>('SELECT id FROM deliveries');
    const release = await stage.hold(`SELECT 1 FROM deliveries WHERE id = '${first!.id}' FOR UPDATE`);
    proxy.restore();
    await stage.blocked('UPDATE deliveries SET workflow_id');
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    test.onTestFinished(() => connection.close());
    const workflow = await new Client({ connection }).workflow.getHandle(first!.id).describe();
    expect(workflow.status.name).toBe('RUNNING');
    // The first has its workflow, which has not taken it over yet; these are to have none.
    await failUntold(2, 6);
    stage.receiver.answer(200);
    const rows = await stage.sql<{ next_attempt_at: Date }>(
      'SELECT next_attempt_at FROM deliveries ORDER BY created_at',
    );
    const due = rows.map((row) => row.next_attempt_at.getTime());
    await stage.child.kill9();
    await release();
    proxy.restore();

    await stage.child.restart();
    const restartedAt = Date.now();
    await stage.deliveries('succeeded', due.length);
    expectCounts(stage.counts('/a'), numbers(1, due.length), 2);
    for (const retry of stage.receiver.at('/a').slice(due.length)) {
      const dueAt = due[numberOf(retry) - 1]!;
      expect(retry.atMs).toBeGreaterThanOrEqual(dueAt - 10);
      expect(retry.atMs).toBeLessThan(Math.max(dueAt, restartedAt) + FOUND_WITHIN_MS);
    }
    expect(await attemptsPerDelivery(stage)).toEqual(due.map(() => 2));
  });
});
