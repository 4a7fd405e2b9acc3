/** `api` and `worker` processes side by side. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { startChild } from '../support/child.ts';
import { until } from '../support/posthorn.ts';
import {
  countsOf,
  expectCounts,
  numberOf,
  numbers,
  setStage,
  TENANT,
  type OnFinished,
  type Stage,
} from '../support/stage.ts';

vi.setConfig({ testTimeout: 60_000 });

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

it('delivers once what is published at the api, and workers see a changed endpoint within a second', async ({
  onTestFinished,
}) => {
  const { stage } = await setThree(onTestFinished);
  const endpoint = await stage.endpoint('/a', { retry_schedule_seconds: [1] });
  await Promise.all(numbers(1, 300).map((n) => stage.publish(n)));
  await stage.deliveries('succeeded', 300);
  expectCounts(stage.counts('/a'), numbers(1, 300), 1);

  // Nothing waits for the sweep, which looks every ten seconds: a worker is told.
  for (const n of numbers(301, 305)) {
    const publishedAt = Date.now();
    await stage.publish(n);
    await until(
      () => stage.counts('/a'),
      (counts) => counts.has(n),
      1_000,
      5,
    );
    expect(Date.now() - publishedAt).toBeLessThan(500);
  }

  const change = { url: `${stage.receiver.url}/b` };
  expect((await stage.child.call('PATCH', `${TENANT}/endpoints/${endpoint}`, change)).status).toBe(200);
  await sleep(900);
  await stage.publishMany(401, 500);
  await stage.deliveries('succeeded', 405);
  expectCounts(stage.counts('/b'), numbers(401, 500), 1);

  stage.receiver.answer((_, response) => {
    const { size } = stage.counts('/b');
    response.writeHead(size <= 150 ? 500 : 200).end();
  });
  await stage.publishMany(501, 560);
  await stage.deliveries('succeeded', 465);
  expect(Math.max(...countsOf(stage.receiver.received).values())).toBeLessThanOrEqual(2);
});

/** Which of the workers holds more: 0 or 1. */
async function busier(stage: Stage): Promise<number> {
  const ask = () =>
    stage.sql<{ claims: number }>(
      `SELECT (SELECT count(*)::int FROM deliveries d WHERE d.claimed_by = p.id AND d.status = 'pending') AS claims
         FROM processes p ORDER BY p.id`,
    );
  const [first, second] = await until(ask, (rows) => rows.some(({ claims }) => claims > 0), 5_000, 1);
  return first!.claims >= second!.claims ? 0 : 1;
}

it('goes on within ten seconds when one of two workers is killed under load', async ({ onTestFinished }) => {
  const { stage, workers } = await setThree(onTestFinished);
  await stage.endpoint('/a');
  let unanswered = 0;
  stage.receiver.answer((_, response) => {
    unanswered += 1;
    setTimeout(() => {
      unanswered -= 1;
      response.end();
    }, 150);
  });
  let published = 0;
  let unansweredAtKill = 0;
  let killedAt = 0;
  while (published < 600) {
    const batch = numbers(published + 1, published + 20);
    await Promise.all(batch.map((n) => stage.publish(n)));
    published += 20;
    if (published === 300) {
      unansweredAtKill = unanswered;
      killedAt = Date.now();
      await workers[await busier(stage)]!.kill9();
    }
    await sleep(80);
  }
  await until(
    () => stage.counts('/a').size,
    (size) => size === 600,
    15_000,
  );
  expect(Date.now() - killedAt).toBeLessThan(12_000);
  await stage.deliveries('succeeded', 600);
  const counts = stage.counts('/a');
  const duplicates = [...counts.values()].filter((count) => count > 1).length;
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(2);
  // Answered, but not yet recorded, are a few more.
  expect(duplicates).toBeLessThanOrEqual(unansweredAtKill + 20);
  const alive = () => stage.sql('SELECT 1 FROM processes');
  await until(alive, ({ length }) => length === 1);
});

it.for(['fast', 'strict'])(
  'leaves to the other what was taken over while it was held up itself (DISPATCH=%s)',

  async (mode, { onTestFinished }) => {
    const stage = await setStage(onTestFinished, { env: { DISPATCH: mode, MAX_IN_FLIGHT: '1' } });
    await stage.endpoint('/a');
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
    stage.child.resume();
    await sleep(1_500);
    letFirstGo();
    await stage.publishMany(31, 40);
    await stage.deliveries('succeeded', 40);
    expectCounts(stage.counts('/a'), numbers(1, 40), (n) => (n === inFlight ? 2 : 1));
  },
);
