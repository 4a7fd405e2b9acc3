import { CONNECTIONS, latency, outcomeOf, p50p95p99, publishAndCollect, type Collected } from '../measure.ts';
import { rounded, type Spread } from '../statistics.ts';
import type { World } from '../world.ts';
import type { Scenario } from './index.ts';

const PER_SECOND = 50;

/** As `noisy`, with a thousand endpoints that hang, and a look at the time when their deliveries have just come. */
export const noisyMany: Scenario = {
  name: 'noisy-many',
  about:
    '50 events/s to a healthy endpoint: alone, in the minute in which 1,000 of another tenant begin to hang, and after it',
  async run(world) {
    await world.start();
    await world.warmUp();
    const { rateMs, hangingEndpoints, hangingEventsEach, hangingMs } = world.parts.sizes;
    const { load, sink } = world.parts;
    const hanging = await world.tenant({
      size: hangingEventsEach * 2,
      endpoints: hangingEndpoints,
      behaviour: { kind: 'hang' },
    });
    const quiet = await healthy(world, rateMs);

    const noise = load.call.closedLoop({
      target: hanging.target,
      connections: CONNECTIONS,
      count: hangingEventsEach,
      capacity: hangingEventsEach * 2,
      limitMs: 60_000,
    });
    const first = await healthy(world, hangingMs);
    const { accepted } = await noise;
    const after = await healthy(world, rateMs);

    const phases = [quiet, first, after];
    const [quietMs, firstMs, afterMs] = phases.map(latency) as [Spread, Spread, Spread];
    const factorOf = ({ p95 }: Spread) => rounded((p95 ?? Infinity) / (quietMs.p95 ?? 1));
    const factors = { first: factorOf(firstMs), after: factorOf(afterMs) };
    const reached = await Promise.all(hanging.lanes.map((lane) => sink.call.summary(lane)));
    const headline =
      `healthy endpoint ${p50p95p99(firstMs)} ms at first, ${p50p95p99(afterMs)} after, alone ` +
      `${p50p95p99(quietMs)}: p95 × ${factors.first}, × ${factors.after}`;
    const lost = phases.reduce((sum, phase) => sum + phase.lost, 0);
    return outcomeOf({ ...first, lost }, headline, {
      quietReceiptMs: quietMs,
      firstReceiptMs: firstMs,
      afterReceiptMs: afterMs,
      p95Factors: factors,
      hangingEndpoints,
      hangingEventsAccepted: accepted,
      hangingAttempts: reached.reduce((sum, { received }) => sum + received, 0),
      hangingEndpointsReached: reached.filter(({ received }) => received > 0).length,
    });
  },
};

async function healthy(world: World, durationMs: number): Promise<Collected> {
  const tenant = await world.tenant({ size: (PER_SECOND * durationMs) / 1000 });
  const { target } = tenant;
  return publishAndCollect(world, tenant, () =>
    world.parts.load.call.openLoop({ target, perSecond: PER_SECOND, durationMs }),
  );
}
