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

/** All that `expectDeliveredOnce` publishes. */
const BEFORE = 465;

/** Also what is retried; leaves an endpoint at /b. */
async function expectDeliveredOnce(stage: Stage): Promise<void> {
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
  await stage.deliveries('succeeded', BEFORE);
  expectCounts(stage.counts('/b'), [...numbers(401, 500), ...numbers(501, 560)], (n) =>
    n > 500 && n <= 550 ? 2 : 1,
  );
}

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

async function killOneUnderLoad({ stage, workers }: Awaited<ReturnType<typeof setThree>>): Promise<void> {
  stage.receiver.answer((_, response) => void setTimeout(() => response.end(), 150));
  const [from, to] = [1_001, 1_600];
  let n = from;
  let unrecorded = new Set<number>();
  let killedAt = 0;
  while (n < to) {
    await Promise.all(numbers(n, n + 19).map((one) => stage.publish(one)));
    n += 20;
    if (n === 1_301) {
      const { index, id } = await busier(stage);
      await workers[index]!.kill9();
      killedAt = Date.now();
      unrecorded = await unrecordedOf(stage, id);
    }
    await sleep(80);
  }
  await stage.deliveries('succeeded', BEFORE + 600);
  const counts = new Map([...stage.counts('/b')].filter(([one]) => one >= from));
  expect(counts.size).toBe(600);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(2);
  expect(Math.max(...stage.receiver.received.map(({ atMs }) => atMs))).toBeLessThan(
    killedAt + GOES_ON_WITHIN_MS,
  );
  const firstAt = new Map<number, number>();
  for (const request of stage.receiver.received.toReversed()) firstAt.set(numberOf(request), request.atMs);
  const repeated = [...counts].filter(([, count]) => count > 1).map(([one]) => one);
  expect(repeated.filter((one) => !unrecorded.has(one))).toEqual([]);
  // Sent by the one that died: before others took over, five seconds after its death at the earliest.
  expect(repeated.filter((one) => firstAt.get(one)! > killedAt + TAKE_OVER_MS / 2)).toEqual([]);
  const alive = () => stage.sql('SELECT 1 FROM processes');
  await until(alive, ({ length }) => length === 1);
}

it.concurrent(
  'two workers deliver once, soon see a changed endpoint, and when one is killed repeat only what it was at',
  async ({ onTestFinished }) => {
    const three = await setThree(onTestFinished);
    await expectDeliveredOnce(three.stage);
    await killOneUnderLoad(three);
  },
);

it.concurrent.for(['fast', 'strict'])(
  'leaves to the other what was taken over while it was held up itself (DISPATCH=%s)',
  async (mode, { onTestFinished }) => {
    const stage = await setStage(onTestFinished, { env: { DISPATCH: mode, MAX_IN_FLIGHT: '2' } });
    const answers: (() => void)[] = [];
    stage.receiver.answer((_, response) => void answers.push(() => response.end()));
    // What it was at for the one has timed out when it goes on: the next would be sent at once.
    for (const [name, timeoutSeconds] of [
      ['patient', 30],
      ['quick', 3],
    ] as const) {
      const settings = { timeout_seconds: timeoutSeconds, retry_schedule_seconds: [1], max_in_flight: 1 };
      await stage.endpoint(`/${name}`, { events: [`${name}.*`], ...settings });
      await stage.publishMany(1, 30, `${name}.a`);
      await until(
        () => stage.receiver.at(`/${name}`),
        ({ length }) => length === 1,
      );
    }
    stage.child.suspend();
    const inFlight = (path: string) => numberOf(stage.receiver.at(path)[0]!);

    stage.receiver.answer(200);
    const env = { ...stage.child.env, POSTHORN_ROLE: 'worker', MAX_IN_FLIGHT: '10' };
    const worker = await startChild({ databaseUrl: stage.databaseUrl, env });
    onTestFinished(() => worker.kill9());
    await stage.deliveries('succeeded', 60);
    const processes = () => stage.sql('SELECT 1 FROM processes');
    await until(processes, ({ length }) => length === 1);
    stage.child.resume();
    // It has noticed, and is known again by another number.
    await until(processes, ({ length }) => length === 2);
    for (const answer of answers) answer();
    for (const name of ['quick', 'patient']) await stage.publishMany(31, 40, `${name}.a`);
    await stage.deliveries('succeeded', 80);
    for (const path of ['/quick', '/patient'])
      expectCounts(stage.counts(path), numbers(1, 40), (n) => (n === inFlight(path) ? 2 : 1));
  },
);
