import { outcomeOf, perSecond, lastFirstMs, publishAndCollect, publishAtFullSpeed } from '../measure.ts';
import { rounded } from '../statistics.ts';
import type { Scenario } from './index.ts';

const LIMIT_MS = 300_000;
const PER_SECOND = 100;
const BURST = 50;
const SECONDS = 15;
/** Windows in which arrivals are held against what is allowed. */
const WINDOW_MS = 1_000;

/** One endpoint with a limit, of which two workers have more than it may be sent. */
export const limited: Scenario = {
  name: 'limited',
  about: `two workers, and an endpoint limited to ${PER_SECOND}/s with a burst of ${BURST}: what arrives, in any second and in all`,
  async run(world) {
    await world.start('api');
    await world.start('worker');
    await world.start('worker');
    await world.warmUp();
    const events = PER_SECOND * SECONDS;
    const tenant = await world.tenant({
      size: events * 2,
      settings: { rate_limit: { per_second: PER_SECOND, burst: BURST } },
    });
    const collected = await publishAndCollect(world, tenant, () =>
      publishAtFullSpeed(world, tenant, events, LIMIT_MS),
    );
    const { firstMs } = collected.lanes[0]!;
    const arrivedMs = firstMs.filter((ms) => ms > 0).sort();
    const tookMs = lastFirstMs(collected.lanes) - arrivedMs[0]!;
    const allowed = BURST + (PER_SECOND * tookMs) / 1000;
    const usedPart = rounded(arrivedMs.length / allowed);
    const mostInASecond = mostWithin(arrivedMs, WINDOW_MS);
    const allowedInASecond = BURST + (PER_SECOND * WINDOW_MS) / 1000;
    const headline =
      `${perSecond(arrivedMs.length, tookMs)}/s, ${rounded(usedPart * 100)} % of what is allowed; ` +
      `at most ${mostInASecond} in a second, allowed ${allowedInASecond}`;
    return outcomeOf(collected, headline, { usedPart, mostInASecond, allowedInASecond });
  },
};

function mostWithin(sortedMs: Float64Array, windowMs: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < sortedMs.length; to += 1) {
    while (sortedMs[to]! - sortedMs[from]! > windowMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
