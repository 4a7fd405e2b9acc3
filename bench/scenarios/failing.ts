import {
  CONNECTIONS,
  lastFirstMs,
  outcomeOf,
  perSecond,
  publishAndCollect,
  seconds,
  subtract,
} from '../measure.ts';
import { rounded, spread } from '../statistics.ts';
import type { Usage } from '../world.ts';
import type { Scenario } from './index.ts';

const total = ({ posthorn, temporal, postgres }: Usage) => posthorn + temporal + postgres;

/** Two attempts each, both answered 500: the first as they come, the second after the endpoint's own schedule. */
export const failing: Scenario = {
  name: 'failing',
  about: '5,000 events to an endpoint that answers 500; one retry each after 10 s',
  async run(world) {
    const { failingEvents: count, failingRetrySeconds } = world.parts.sizes;
    await world.start();
    await world.warmUp();
    const tenant = await world.tenant({
      size: count * 2,
      behaviour: { kind: 'answer', status: 500 },
      settings: { retry_schedule_seconds: [failingRetrySeconds] },
    });
    const { target } = tenant;
    const { sink, load } = world.parts;
    const before = world.usage();
    let firstUsage = before;
    const loop = { target, connections: CONNECTIONS, count, capacity: count * 2, limitMs: 300_000 };
    const collected = await publishAndCollect(world, tenant, () => load.call.closedLoop(loop), {
      times: 2,
      stallMs: 30_000 + failingRetrySeconds * 1000,
      async onPublished({ accepted }) {
        const wait = { stallMs: 30_000, limitMs: 300_000 };
        await sink.call.until({ lane: tenant.lanes[0]!, distinct: accepted, ...wait });
        firstUsage = world.usage();
      },
    });
    const { published, lanes, deliveries } = collected;
    const { counts, firstMs, lastMs } = lanes[0]!;
    const retried = [...counts.keys()].filter((seq) => counts[seq]! > 1);
    const firstAttemptsPerSecond = perSecond(deliveries, lastFirstMs(lanes) - published.intendedMs[0]!);
    const gapMs = spread(retried.map((seq) => lastMs[seq]! - firstMs[seq]!));
    const [waveBegin, waveEnd] = retried.reduce(
      ([begin, end], seq) => [Math.min(begin, lastMs[seq]!), Math.max(end, lastMs[seq]!)],
      [Infinity, 0],
    );
    const waveMs = Math.max(waveEnd - waveBegin, 1);
    const retryCpuMs =
      total(subtract(collected.usageMs, subtract(firstUsage, before))) / (retried.length || 1);
    const firstCpuMs = total(subtract(firstUsage, before)) / (deliveries || 1);
    const earliest = retried.reduce((least, seq) => Math.min(least, lastMs[seq]! - firstMs[seq]!), Infinity);
    const headline =
      `${firstAttemptsPerSecond} first attempts/s; retries after ${seconds(earliest)} – ${seconds(gapMs.max ?? 0)} s ` +
      `(schedule: ${failingRetrySeconds} ± 10 %), ${perSecond(retried.length, waveMs)}/s; ` +
      `CPU ${firstCpuMs.toFixed(2)} ms per first attempt, ${retryCpuMs.toFixed(2)} per retry`;
    return {
      ...outcomeOf(collected, headline, {
        firstAttemptsPerSecond,
        retried: retried.length,
        retryGapMs: { min: rounded(earliest), ...gapMs },
        retryWaveMs: rounded(waveMs),
        retriesPerSecond: perSecond(retried.length, waveMs),
        serverCpuMsPerFirstAttempt: rounded(firstCpuMs),
        serverCpuMsPerRetry: rounded(retryCpuMs),
      }),
      // CPU is per attempt here.
      deliveries: deliveries + retried.length,
    };
  },
};
