import { nowMs } from '../clock.ts';
import { lastFirstMs, outcomeOf, perSecond, publishAndCollect, publishAtFullSpeed } from '../measure.ts';
import { rounded } from '../statistics.ts';
import type { Scenario } from './index.ts';

const LIMIT_MS = 300_000;

/** What waits in the table instead of coming in: here, because its endpoint was switched off when it was published. */
export const backlog: Scenario = {
  name: 'backlog',
  about: 'the drain, then 20,000 events that wait in the table until their endpoint is enabled',
  async run(world) {
    await world.start();
    await world.warmUp();
    const { drainEvents, backlogEvents } = world.parts.sizes;
    const fresh = await world.tenant({ size: drainEvents * 2 });
    const drained = await publishAndCollect(world, fresh, () =>
      publishAtFullSpeed(world, fresh, drainEvents, LIMIT_MS),
    );
    const drainPerSecond = perSecond(
      drained.deliveries,
      lastFirstMs(drained.lanes) - drained.published.intendedMs[0]!,
    );

    const waiting = await world.tenant({ size: backlogEvents * 2 });
    const endpoint = `/v1/tenants/${waiting.id}/endpoints/${waiting.endpointIds[0]}`;
    await world.call('PATCH', endpoint, { enabled: false });
    let enabledMs = 0;
    const collected = await publishAndCollect(
      world,
      waiting,
      () => publishAtFullSpeed(world, waiting, backlogEvents, LIMIT_MS),
      {
        async onPublished() {
          await world.quiet();
          enabledMs = nowMs();
          await world.call('PATCH', endpoint, { enabled: true });
        },
      },
    );
    const { lanes, deliveries } = collected;
    const deliveriesPerSecond = perSecond(deliveries, lastFirstMs(lanes) - enabledMs);
    const share = rounded(deliveriesPerSecond / drainPerSecond);
    const longestPauseMs = rounded(longestPause(enabledMs, lanes[0]!.firstMs));
    const headline = `${deliveriesPerSecond} deliveries/s, the drain ${drainPerSecond}: × ${share}; longest pause ${longestPauseMs} ms`;
    return outcomeOf({ ...collected, lost: collected.lost + drained.lost }, headline, {
      deliveriesPerSecond,
      drainPerSecond,
      shareOfDrain: share,
      longestPauseMs,
    });
  },
};

/** Between two arrivals, or before the first. */
function longestPause(sinceMs: number, arrivedMs: Float64Array): number {
  let longest = 0;
  let lastMs = sinceMs;
  for (const atMs of arrivedMs.filter((ms) => ms > 0).sort()) {
    longest = Math.max(longest, atMs - lastMs);
    lastMs = atMs;
  }
  return longest;
}
