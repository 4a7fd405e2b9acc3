/**
 * One of two processes cut off from Temporal or from Postgres, with and without a word. How long is up to whoever asks:
 * `CUT_SECONDS=60 npx vitest run test/faults/partition.test.ts`.
 */
import { inject, it, expect } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { CERTAIN_MS } from '../../src/dispatch/membership.ts';
import { startChild } from '../support/child.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { expectCounts, numberOf, numbers, setStage, type OnFinished, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

type Cut = 'with RST' | 'silently';

const asked = process.env.CUT_SECONDS === undefined ? null : Number(process.env.CUT_SECONDS) * 1_000;
/** A task is given to the other worker after ten seconds without a heartbeat. */
const CUT_FROM_TEMPORAL_MS = asked ?? 15_000;
/** The other takes over after some six seconds without a heartbeat. */
const CUT_FROM_POSTGRES_MS = asked ?? 15_000;

/** A process behind wires that can be cut; another comes when the first has its hands full. */
async function setPartition(onFinished: OnFinished, env: NodeJS.ProcessEnv = {}) {
  const temporal = await startProxy(Number(inject('temporalAddress').split(':')[1]));
  const database = await startProxy(Number(new URL(inject('databaseAdminUrl')).port));
  onFinished(() => temporal.stop());
  onFinished(() => database.stop());
  const temporalAddress = `127.0.0.1:${temporal.port}`;
  const stage = await setStage(onFinished, { temporalAddress, databaseProxy: database, env });
  const addSecond = async () => {
    const { POSTHORN_TASK_QUEUE } = stage.child.env;
    const second = await startChild({
      databaseUrl: stage.databaseUrl,
      env: { ...env, POSTHORN_TASK_QUEUE },
    });
    onFinished(() => second.kill9());
  };
  return { stage, temporal, database, addSecond };
}

function cut(proxy: TestProxy, how: Cut): () => void {
  if (how === 'silently') {
    proxy.hold();
    return () => proxy.release();
  }
  proxy.cut();
  return () => proxy.restore();
}

const arrivals = (stage: Stage, n: number): number[] =>
  stage.receiver.received.filter((request) => numberOf(request) === n).map(({ atMs }) => atMs);

it.concurrent.for([
  ['with RST', 'fast'],
  ['silently', 'fast'],
  ['silently', 'strict'],
] as const)(
  'cut from Temporal %s while retries wait at its gate (DISPATCH=%s), it makes them, and the other does not',
  async ([how, mode], { onTestFinished }) => {
    const { stage, temporal, addSecond } = await setPartition(onTestFinished, { DISPATCH: mode });
    await stage.endpoint('/a', { retry_schedule_seconds: [1, 1, 1], max_in_flight: 1 });
    const seen = new Set<number>();
    stage.receiver.answer((request, response) => {
      const isRetry = seen.has(numberOf(request));
      seen.add(numberOf(request));
      if (isRetry) setTimeout(() => response.end(), 1_000);
      else response.writeHead(500).end();
    });
    await stage.publishMany(1, 20);
    await until(
      () => stage.receiver.received.length,
      (length) => length === 21,
    );
    await addSecond();
    const restore = cut(temporal, how);
    await sleep(CUT_FROM_TEMPORAL_MS);
    restore();
    await stage.deliveries('succeeded', 20);
    expectCounts(stage.counts('/a'), numbers(1, 20), 2);
  },
);

/** What is sent until then cannot be recorded. */
const NOT_YET_NOTICED_MS = CERTAIN_MS;

it.concurrent.for(['with RST', 'silently'] as const)(
  'cut from Postgres %s with many in memory, it stops sending, and the other sends them',
  async (how, { onTestFinished }) => {
    const { stage, database, addSecond } = await setPartition(onTestFinished);
    await stage.endpoint('/a', { max_in_flight: 4 });
    stage.receiver.answer((_, response) => void setTimeout(() => response.end(), 300));
    await stage.publishMany(1, 200);
    await until(
      () => stage.receiver.received.length,
      (length) => length > 10,
    );
    await addSecond();
    const restore = cut(database, how);
    const cutAt = Date.now();
    await sleep(CUT_FROM_POSTGRES_MS);
    restore();
    await stage.deliveries('succeeded', 200);
    const readiness = () => fetch(`${stage.child.url}/readyz`);
    await until(readiness, ({ ok }) => ok);
    await stage.publishMany(201, 220);
    await stage.deliveries('succeeded', 220);
    const counts = stage.counts('/a');
    expect(counts.size).toBe(220);
    const repeated = [...counts].filter(([, count]) => count > 1).map(([n]) => n);
    if (asked !== null) console.log(`cut ${how} for ${asked} ms: ${repeated.length} of 220 arrived twice`);
    const sentWhileCut = repeated.filter((n) => arrivals(stage, n)[0]! > cutAt + NOT_YET_NOTICED_MS + 300);
    expect(sentWhileCut).toEqual([]);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(2);
  },
);
