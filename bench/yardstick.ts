import { CONNECTIONS, acceptLatency, perSecond } from './measure.ts';
import type { Yardstick } from './report.ts';
import { cpuMs } from './servers/processes.ts';
import { API_KEY, OK, type Parts } from './world.ts';

const CAPACITY = 1_000_000;

/** The machine on this day, without Posthorn: the load generator publishes straight to the sink. */
export async function runYardstick({ sink, sinkPort, load, sizes }: Parts): Promise<Yardstick> {
  const lane = await sink.call.open({ size: CAPACITY, behaviour: OK });
  const target = { port: sinkPort, path: `/lane/${lane}`, apiKey: API_KEY };
  const cpu = () => [cpuMs(load.pid) ?? 0, cpuMs(sink.pid) ?? 0] as const;
  const before = cpu();
  const published = await load.call.closedLoop({
    target,
    connections: CONNECTIONS,
    durationMs: sizes.yardstickMs,
    capacity: CAPACITY,
    limitMs: 60_000,
  });
  const after = cpu();
  await sink.call.close(lane);
  const { p50, p95 } = acceptLatency(published);
  const each = (ms: number) => Math.round((ms / Math.max(published.accepted, 1)) * 10_000) / 10_000;
  return {
    requestsPerSecond: perSecond(published.accepted, published.endedMs - published.startedMs),
    p50Ms: p50,
    p95Ms: p95,
    loadCpuMsPerRequest: each(after[0] - before[0]),
    sinkCpuMsPerRequest: each(after[1] - before[1]),
  };
}
