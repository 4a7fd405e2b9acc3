import { acceptLatency, latency, outcomeOf, p50p95p99, publishAndCollect, type Outcome } from '../measure.ts';
import type { PacedPublished } from '../load/open-loop.ts';
import type { World } from '../world.ts';
import type { Scenario } from './index.ts';

export const rate = (perSecond: number): Scenario => ({
  name: `rate-${perSecond}`,
  about: `${perSecond} events/s for 20 s, sent when due whatever became of the others: publish → receipt`,
  async run(world) {
    await world.start();
    await world.warmUp();
    return measureRate(world, perSecond);
  },
});

export async function measureRate(world: World, perSecond: number): Promise<Outcome> {
  const durationMs = world.parts.sizes.rateMs;
  const tenant = await world.tenant({ size: (perSecond * durationMs) / 1000 });
  const { target } = tenant;
  const collected = await publishAndCollect(world, tenant, () =>
    world.parts.load.call.openLoop({ target, perSecond, durationMs }),
  );
  const receiptMs = latency(collected);
  const { lateMs } = collected.published as PacedPublished;
  return outcomeOf(collected, `publish→receipt ${p50p95p99(receiptMs)} ms`, {
    receiptMs,
    answerMs: acceptLatency(collected.published),
    generatorLateMs: lateMs,
  });
}
