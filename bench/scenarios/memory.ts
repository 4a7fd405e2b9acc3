import { nowMs } from '../clock.ts';
import { CONNECTIONS, lastFirstMs, outcomeOf, perSecond, publishAndCollect } from '../measure.ts';
import { residentMib } from '../servers/processes.ts';
import { rounded, slope } from '../statistics.ts';
import type { Scenario } from './index.ts';

const SAMPLE_MS = 500;
const LIMIT_MS = 900_000;

/** Resident memory of the one process, first over a start, then over 100,000 further events. */
export const memory: Scenario = {
  name: 'memory',
  about: 'memory of Posthorn over 100,000 events, after 10,000 that do not count',
  async run(world) {
    const { memoryWarmUpEvents, memoryEvents } = world.parts.sizes;
    const { load, sink } = world.parts;
    const { pid } = await world.start();
    await world.warmUp();
    const pass = async (count: number, lane?: (number: number) => void) => {
      const capacity = count * 2;
      const tenant = await world.tenant({ size: capacity });
      lane?.(tenant.lanes[0]!);
      const { target } = tenant;
      return publishAndCollect(world, tenant, () =>
        load.call.closedLoop({ target, connections: CONNECTIONS, count, capacity, limitMs: LIMIT_MS }),
      );
    };
    await pass(memoryWarmUpEvents);
    const beforeMib = residentMib(pid) ?? 0;

    const samples: { x: number; y: number }[] = [];
    let lane = 0;
    let sampling = false;
    const timer = setInterval(() => {
      if (lane === 0 || sampling) return;
      sampling = true;
      void sink.call.summary(lane).then(({ distinct }) => {
        sampling = false;
        samples.push({ x: distinct / 10_000, y: residentMib(pid) ?? 0 });
      });
    }, SAMPLE_MS);
    const collected = await pass(memoryEvents, (number) => (lane = number)).finally(() =>
      clearInterval(timer),
    );
    const afterMib = residentMib(pid) ?? 0;

    // Collections of garbage make it jump: the line through the second half says whether it goes on growing.
    const half = samples.filter(({ x }) => x >= memoryEvents / 20_000 && x < memoryEvents / 10_000);
    const growthMibPer10k = half.length > 1 ? slope(half) : 0;
    const { published, lanes, deliveries } = collected;
    const peak = Math.max(...samples.map(({ y }) => y), afterMib);
    const headline =
      `${Math.round(beforeMib)} MiB before, ${Math.round(afterMib)} after (peak ${Math.round(peak)}); ` +
      `${growthMibPer10k.toFixed(1)} MiB per 10,000 events over the second half`;
    return outcomeOf(collected, headline, {
      beforeMib: rounded(beforeMib),
      afterMib: rounded(afterMib),
      peakMib: rounded(peak),
      growthMibPer10k: rounded(growthMibPer10k),
      deliveriesPerSecond: perSecond(deliveries, lastFirstMs(lanes) - published.intendedMs[0]!),
      seconds: Math.round((nowMs() - published.startedMs) / 1000),
      residentMibByEvents: thinned(samples, 40).map(({ x, y }) => [Math.round(x * 10_000), Math.round(y)]),
    });
  },
};

function thinned<T>(values: T[], most: number): T[] {
  const step = Math.max(1, Math.ceil(values.length / most));
  return values.filter((_, index) => index % step === 0);
}
