import { nowMs } from '../clock.ts';
import { lastFirstMs, outcomeOf, perSecond, publishAndCollect, publishAtFullSpeed } from '../measure.ts';
import { rounded } from '../statistics.ts';
import type { Scenario } from './index.ts';

const LIMIT_MS = 300_000;

/** Everything once more, as fast as the endpoint takes it: how fast a replay becomes, and how long it takes to get there. */
export const replay: Scenario = {
  name: 'replay',
  about: 'the drain, and then a replay of all its events',
  async run(world) {
    await world.start();
    await world.warmUp();
    const { drainEvents } = world.parts.sizes;
    const tenant = await world.tenant({ size: drainEvents * 2 });
    let askedMs = 0;
    const collected = await publishAndCollect(
      world,
      tenant,
      () => publishAtFullSpeed(world, tenant, drainEvents, LIMIT_MS),
      {
        times: 2,
        async onPublished({ accepted }) {
          const wait = { stallMs: 30_000, limitMs: LIMIT_MS };
          await world.parts.sink.call.until({ lane: tenant.lanes[0]!, distinct: accepted, ...wait });
          await world.quiet();
          askedMs = nowMs();
          const wanted = { endpoint_id: tenant.endpointIds[0], kind: 'all', since: '2020-01-01' };
          await world.call('POST', `/v1/tenants/${tenant.id}/replays`, wanted);
        },
      },
    );
    const { lanes, deliveries, published } = collected;
    const { counts, lastMs } = lanes[0]!;
    const again = lastMs.filter((_, seq) => counts[seq]! > 1);
    const lastAgainMs = again.reduce((latest, ms) => Math.max(latest, ms), askedMs);
    const firstAgainMs = again.reduce((earliest, ms) => Math.min(earliest, ms), Infinity);
    const replayPerSecond = perSecond(again.length, lastAgainMs - askedMs);
    const drainPerSecond = perSecond(deliveries, lastFirstMs(lanes) - published.intendedMs[0]!);
    const headline =
      `${replayPerSecond} deliveries/s from the request to the last, the drain ${drainPerSecond}; ` +
      `the first after ${Math.round(firstAgainMs - askedMs)} ms`;
    return {
      ...outcomeOf(collected, headline, {
        replayPerSecond,
        drainPerSecond,
        shareOfDrain: rounded(replayPerSecond / drainPerSecond),
        firstAfterMs: rounded(firstAgainMs - askedMs),
      }),
      deliveries: deliveries + again.length,
    };
  },
};
