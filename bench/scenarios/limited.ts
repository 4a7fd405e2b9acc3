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

const FEW_PER_SECOND = 0.1;
const MANY = 100;
/** To each: the first at once, then one every ten seconds. */
const EVENTS = 8;

/** Many endpoints with a low limit: each is to get all that it may be sent, whichever worker has its turn. */
export const limitedMany: Scenario = {
  name: 'limited-many',
  about: `two workers, and ${MANY} endpoints limited to ${FEW_PER_SECOND}/s with a burst of 1, each with ${EVENTS} deliveries at once`,
  async run(world) {
    await world.start('api');
    await world.start('worker');
    await world.start('worker');
    await world.warmUp();
    const settings = { rate_limit: { per_second: FEW_PER_SECOND, burst: 1 } };
    const tenant = await world.tenant({ size: EVENTS * 2, endpoints: MANY, settings });
    const collected = await publishAndCollect(
      world,
      tenant,
      () => publishAtFullSpeed(world, tenant, EVENTS, LIMIT_MS),
      { stallMs: 60_000 },
    );
    const lanes = collected.lanes.map(({ firstMs }) => firstMs.filter((ms) => ms > 0).sort());
    const used = Float64Array.from(lanes, (ms) => ms.length / (1 + FEW_PER_SECOND * spanSeconds(ms))).sort();
    const earlyMs = Math.max(...lanes.flatMap((ms) => [...ms].map((at, n) => dueMs(ms, n) - at)));
    const [worst, median] = [used[0]!, used[used.length >> 1]!].map((part) => rounded(part * 100));
    const headline =
      `${median} % of what is allowed (median of the endpoints; the least ${worst} %); ` +
      `the earliest ${rounded(Math.max(0, earlyMs))} ms before its time`;
    return outcomeOf(collected, headline, { median, worst, earlyMs });
  },
};

const spanSeconds = (sortedMs: Float64Array): number => (sortedMs.at(-1)! - sortedMs[0]!) / 1000;

/** When the n-th may arrive at the earliest, counted from the first. */
const dueMs = (sortedMs: Float64Array, n: number): number => sortedMs[0]! + (n / FEW_PER_SECOND) * 1000;
