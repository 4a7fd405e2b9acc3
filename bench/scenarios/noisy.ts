import { CONNECTIONS, latency, outcomeOf, p50p95p99, publishAndCollect } from '../measure.ts';
import { rounded } from '../statistics.ts';
import type { Scenario } from './index.ts';

const PER_SECOND = 50;

/** Two tenants: what the hanging endpoint of one does to the deliveries of the other. */
export const noisy: Scenario = {
  name: 'noisy',
  about: '50 events/s to a healthy endpoint, first alone, then while 1,000 events wait for one that hangs',
  async run(world) {
    await world.start();
    await world.warmUp();
    const { rateMs: durationMs, hangingEvents } = world.parts.sizes;
    const { load, sink } = world.parts;
    const healthy = async () => {
      const tenant = await world.tenant({ size: (PER_SECOND * durationMs) / 1000 });
      const { target } = tenant;
      return publishAndCollect(world, tenant, () =>
        load.call.openLoop({ target, perSecond: PER_SECOND, durationMs }),
      );
    };
    const quiet = latency(await healthy());

    const capacity = hangingEvents * 2;
    const hanging = await world.tenant({ size: capacity, behaviour: { kind: 'hang' } });
    const { target } = hanging;
    const loop = { target, connections: CONNECTIONS, count: hangingEvents, capacity, limitMs: 60_000 };
    await load.call.closedLoop(loop);
    const collected = await healthy();
    const loud = latency(collected);
    const { received } = await sink.call.summary(hanging.lanes[0]!);
    const factor = rounded((loud.p95 ?? Infinity) / (quiet.p95 ?? 1));
    const headline = `healthy endpoint ${p50p95p99(loud)} ms, alone ${p50p95p99(quiet)} ms: p95 × ${factor}`;
    return outcomeOf(collected, headline, {
      receiptMs: loud,
      quietReceiptMs: quiet,
      p95Factor: factor,
      hangingEvents,
      hangingAttempts: received,
    });
  },
};
