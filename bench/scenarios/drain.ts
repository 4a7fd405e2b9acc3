import { acceptLatency, lastFirstMs, latency, outcomeOf, p50p95p99, perSecond } from '../measure.ts';
import { publishAndCollect, publishAtFullSpeed } from '../measure.ts';
import type { World } from '../world.ts';
import type { Scenario } from './index.ts';

const LIMIT_MS = 300_000;

export const drain: Scenario = {
  name: 'drain',
  about: '10,000 events at full speed to one endpoint: first publish → last receipt',
  async run(world) {
    await world.start();
    await world.warmUp();
    return measureDrain(world, world.parts.sizes.drainEvents, 1);
  },
};

export const fanOut: Scenario = {
  name: 'fan-out',
  about: '1,000 events, each for 10 endpoints of one tenant',
  async run(world) {
    await world.start();
    await world.warmUp();
    return measureDrain(world, world.parts.sizes.fanOutEvents, 10);
  },
};

/** One api process and 1 or 2 worker processes. */
export const scale = (workers: number): Scenario => ({
  name: `scale-${workers}`,
  about: `the drain with an api process and ${workers} worker process${workers > 1 ? 'es' : ''}`,
  async run(world) {
    await world.start('api');
    for (let index = 0; index < workers; index += 1) await world.start('worker');
    await world.warmUp();
    return measureDrain(world, world.parts.sizes.drainEvents, 1);
  },
});

/** Endpoints whose deliveries go one after the other: each is a lane. */
export const fifo = (endpoints: number): Scenario => ({
  name: `fifo-${endpoints}`,
  about: `ordered delivery, each recorded before the next: ${endpoints === 1 ? 'one lane' : `${endpoints} lanes side by side`}`,
  async run(world) {
    await world.start();
    await world.warmUp();
    const events = endpoints === 1 ? world.parts.sizes.drainEvents / 5 : world.parts.sizes.fanOutEvents / 10;
    return measureDrain(world, Math.ceil(events), endpoints, { ordering: 'fifo' });
  },
});

export async function measureDrain(
  world: World,
  events: number,
  endpoints: number,
  settings: Record<string, unknown> = {},
) {
  const tenant = await world.tenant({ size: events * 2, endpoints, settings });
  const collected = await publishAndCollect(world, tenant, () =>
    publishAtFullSpeed(world, tenant, events, LIMIT_MS),
  );
  const { published, lanes, deliveries } = collected;
  const deliveriesPerSecond = perSecond(deliveries, lastFirstMs(lanes) - published.intendedMs[0]!);
  const receiptMs = latency(collected);
  const acceptedPerSecond = perSecond(published.accepted, published.endedMs - published.startedMs);
  const headline = `${deliveriesPerSecond} deliveries/s; publish→receipt ${p50p95p99(receiptMs)} ms`;
  return outcomeOf(collected, headline, {
    deliveriesPerSecond,
    receiptMs,
    acceptedPerSecond,
    answerMs: acceptLatency(published),
  });
}
