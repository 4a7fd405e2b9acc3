/** `api` and `worker` processes side by side. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startChild } from '../support/child.ts';
import {
  expectCounts,
  numberOf,
  numbers,
  setStage,
  TENANT,
  type OnFinished,
  type Stage,
} from '../support/stage.ts';
import { until } from '../support/until.ts';

/** One api process (the stage's child) and two workers. */
async function setThree(onFinished: OnFinished) {
  const stage = await setStage(onFinished, { env: { POSTHORN_ROLE: 'api' } });
  const env = { ...stage.child.env, POSTHORN_ROLE: 'worker' };
  const options = { databaseUrl: stage.databaseUrl, env };
  // One after the other: the ids of the processes are in this order.
  const workers = [await startChild(options), await startChild(options)];
  for (const worker of workers) onFinished(() => worker.kill9());
  return { stage, workers };
}

it('delivers once what is published at the api, and workers soon see a changed endpoint', async ({
  onTestFinished,
}) => {
  const { stage } = await setThree(onTestFinished);
  const endpoint = await stage.endpoint('/a', { retry_schedule_seconds: [1] });
  await Promise.all(numbers(1, 300).map((n) => stage.publish(n)));
  await stage.deliveries('succeeded', 300);
  expectCounts(stage.counts('/a'), numbers(1, 300), 1);

  // A worker is told. Were they to wait for the sweep of one of the two, five in a row would take twenty seconds.
  const publishedAt = Date.now();
  for (const n of numbers(301, 305)) {
    await stage.publish(n);
    await until(
      () => stage.counts('/a'),
      (counts) => counts.has(n),
      5,
    );
  }
  expect(Date.now() - publishedAt).toBeLessThan(10_000);

  const change = { url: `${stage.receiver.url}/b` };
  expect((await stage.child.call('PATCH', `${TENANT}/endpoints/${endpoint}`, change)).status).toBe(200);
  // They are told of it, too: nothing else would make them forget the old one.
  await sleep(3_000);
  await stage.publishMany(401, 500);
  await stage.deliveries('succeeded', 405);
  expectCounts(stage.counts('/b'), numbers(401, 500), 1);

  stage.receiver.answer((request, response) => {
    const n = numberOf(request);
    response.writeHead(n <= 550 && stage.counts('/b').get(n) === 1 ? 500 : 200).end();
  });
  await stage.publishMany(501, 560);
  await stage.deliveries('succeeded', 465);
  expectCounts(stage.counts('/b'), [...numbers(401, 500), ...numbers(501, 560)], (n) =>
    n > 500 && n <= 550 ? 2 : 1,
  );
});

/** Which of the workers holds more: 0 or 1, and its number. */
async function busier(stage: Stage): Promise<{ index: number; id: string }> {
  const ask = () =>
    stage.sql<{ id: string; claims: number }>(
      `SELECT p.id, (SELECT count(*)::int FROM deliveries d WHERE d.claimed_by = p.id AND d.status = 'pending') AS claims
         FROM processes p ORDER BY p.id`,
    );
  const [first, second] = await until(ask, (rows) => rows.some(({ claims }) => claims > 0), 1);
  return first!.claims >= second!.claims ? { index: 0, id: first!.id } : { index: 1, id: second!.id };
}

/** What a worker had claimed and not recorded as delivered. */
async function unrecordedOf(stage: Stage, processId: string): Promise<Set<number>> {
  const rows = await stage.sql<{ n: number }>(
    `SELECT (e.data::json->>'n')::int AS n FROM deliveries d JOIN events e ON e.id = d.event_id
      WHERE d.claimed_by = $1 AND d.status = 'pending'`,
    processId,
  );
  return new Set(rows.map(({ n }) => n));
}

/** A process is dead when its heartbeat is three seconds old and has stood still for more than two of them. */
const TAKE_OVER_MS = 5_000;
/** Taken over, and the other half of the load published: some ten seconds, unless the machine is busy. */
const GOES_ON_WITHIN_MS = 40_000;

it('goes on when one of two workers is killed under load, and repeats only what that one was at', async ({
  onTestFinished,
}) => {
  const { stage, workers } = await setThree(onTestFinished);
  await stage.endpoint('/a');
  stage.receiver.answer((_, response) => void setTimeout(() => response.end(), 150));
  let published = 0;
  let unrecorded = new Set<number>();
  let killedAt = 0;
  while (published < 600) {
    const batch = numbers(published + 1, published + 20);
    await Promise.all(batch.map((n) => stage.publish(n)));
    published += 20;
    if (published === 300) {
      const { index, id } = await busier(stage);
      await workers[index]!.kill9();
      killedAt = Date.now();
      unrecorded = await unrecordedOf(stage, id);
    }
    await sleep(80);
  }
  await stage.deliveries('succeeded', 600);
  const counts = stage.counts('/a');
  expect(counts.size).toBe(600);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(2);
  expect(Math.max(...stage.receiver.received.map(({ atMs }) => atMs))).toBeLessThan(
    killedAt + GOES_ON_WITHIN_MS,
  );
  const firstAt = new Map<number, number>();
  for (const request of stage.receiver.received.toReversed()) firstAt.set(numberOf(request), request.atMs);
  const repeated = [...counts].filter(([, count]) => count > 1).map(([n]) => n);
  expect(repeated.filter((n) => !unrecorded.has(n))).toEqual([]);
  // Sent by the one that died: before others took over, five seconds after its death at the earliest.
  expect(repeated.filter((n) => firstAt.get(n)! > killedAt + TAKE_OVER_MS / 2)).toEqual([]);
  const alive = () => stage.sql('SELECT 1 FROM processes');
  await until(alive, ({ length }) => length === 1);
});

it.for([
  ['fast', 30],
  ['strict', 30],
  // What it was at has timed out when it goes on: the next would be sent at once.
  ['fast', 1],
  ['strict', 1],
] as const)(
  'leaves to the other what was taken over while it was held up itself (DISPATCH=%s, time-out %d s)',
  async ([mode, timeoutSeconds], { onTestFinished }) => {
    const stage = await setStage(onTestFinished, { env: { DISPATCH: mode, MAX_IN_FLIGHT: '1' } });
    await stage.endpoint('/a', { timeout_seconds: timeoutSeconds, retry_schedule_seconds: [1] });
    let letGo: () => void = () => {};
    stage.receiver.answer((_, response) => (letGo = () => response.end()));
    await stage.publishMany(1, 30);
    await until(
      () => stage.receiver.received.length,
      (length) => length === 1,
    );
    const inFlight = numberOf(stage.receiver.received[0]!);
    const letFirstGo = letGo;
    stage.child.suspend();

    stage.receiver.answer(200);
    const env = { ...stage.child.env, POSTHORN_ROLE: 'worker', MAX_IN_FLIGHT: '10' };
    const worker = await startChild({ databaseUrl: stage.databaseUrl, env });
    onTestFinished(() => worker.kill9());
    await stage.deliveries('succeeded', 30);
    const processes = () => stage.sql('SELECT 1 FROM processes');
    await until(processes, ({ length }) => length === 1);
    stage.child.resume();
    // It has noticed, and is known again by another number.
    await until(processes, ({ length }) => length === 2);
    letFirstGo();
    await stage.publishMany(31, 40);
    await stage.deliveries('succeeded', 40);
    expectCounts(stage.counts('/a'), numbers(1, 40), (n) => (n === inFlight ? 2 : 1));
  },
);
