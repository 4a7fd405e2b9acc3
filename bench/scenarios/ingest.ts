import {
  acceptLatency,
  CONNECTIONS,
  outcomeOf,
  p50p95p99,
  perSecond,
  publishAndCollect,
  seconds,
} from '../measure.ts';
import { lastFirstMs } from '../measure.ts';
import type { Scenario } from './index.ts';

const CAPACITY = 500_000;

/** Publishes accepted per second; every event has one endpoint, and its delivery goes on meanwhile. */
export const ingest: Scenario = {
  name: 'ingest',
  about: '32 connections publish as fast as they are answered; events are delivered at the same time',
  async run(world) {
    await world.start();
    await world.warmUp();
    return measure(world);
  },
};

/** What accepting alone can do: no worker runs until publishing is over. */
export const ingestApi: Scenario = {
  name: 'ingest-api',
  about: 'the same with a process of role api alone; a worker starts afterwards and delivers the backlog',
  async run(world) {
    await world.start('api');
    const worker = await world.start('worker');
    await world.warmUp();
    await worker.kill('SIGTERM');
    return measure(world, async () => void (await world.start('worker')));
  },
};

async function measure(world: Parameters<Scenario['run']>[0], afterwards = async () => {}) {
  const tenant = await world.tenant({ size: CAPACITY });
  const durationMs = world.parts.sizes.ingestMs;
  const loop = { target: tenant.target, connections: CONNECTIONS, durationMs };
  const collected = await publishAndCollect(
    world,
    tenant,
    () => world.parts.load.call.closedLoop({ ...loop, capacity: CAPACITY, limitMs: durationMs * 2 }),
    { onPublished: afterwards },
  );
  const { published, lanes } = collected;
  const acceptedPerSecond = perSecond(published.accepted, published.endedMs - published.startedMs);
  const answerMs = acceptLatency(published);
  const deliveredMs = lastFirstMs(lanes) - published.startedMs;
  const headline =
    `${acceptedPerSecond} accepted/s, answered in ${p50p95p99(answerMs)} ms; ` +
    `all ${published.accepted} delivered after ${seconds(deliveredMs)} s`;
  return outcomeOf(collected, headline, {
    acceptedPerSecond,
    accepted: published.accepted,
    answerMs,
    deliveredAfterMs: deliveredMs,
    deliveriesPerSecond: perSecond(collected.deliveries, deliveredMs),
  });
}
