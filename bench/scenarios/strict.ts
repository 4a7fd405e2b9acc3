import { nowMs } from '../clock.ts';
import { outcomeOf, perSecond, publishAndCollect, publishAtFullSpeed, subtract } from '../measure.ts';
import { rounded } from '../statistics.ts';
import type { Usage, World } from '../world.ts';
import type { Scenario } from './index.ts';

const LIMIT_MS = 300_000;
const STALL_MS = 30_000;
const PARTS = 5;

interface Part {
  upTo: number;
  deliveriesPerSecond: number;
  /** CPU ms per delivery. */
  cpu: number;
  posthorn: number;
  temporal: number;
  postgres: number;
}

/** A workflow for every delivery, and whether the last ones cost what the first ones did. */
export const strict: Scenario = {
  name: 'strict',
  about: '10,000 events with DISPATCH=strict: rate and CPU from fifth to fifth',
  async run(world) {
    await world.start('all', { DISPATCH: 'strict' });
    await world.warmUp();
    const events = world.parts.sizes.strictEvents;
    const tenant = await world.tenant({ size: events * 2 });
    const course = follow(world, tenant.lanes[0]!, events);
    const collected = await publishAndCollect(world, tenant, () =>
      publishAtFullSpeed(world, tenant, events, LIMIT_MS),
    );
    const parts = await course;
    const picked = [parts[0]!, parts[PARTS >> 1]!, parts.at(-1)!];
    const series = (of: (part: Part) => number) => picked.map(of).join(' → ');
    const headline =
      `first → middle → last fifth: ${series((part) => part.deliveriesPerSecond)} deliveries/s; ` +
      `CPU ${series(({ cpu }) => cpu)} ms, of it Temporal ${series(({ temporal }) => temporal)}`;
    return outcomeOf(collected, headline, { parts });
  },
};

/** What each fifth of the deliveries took, as they arrive. The first one shares the machine with the publishing. */
async function follow(world: World, lane: number, events: number): Promise<Part[]> {
  const parts: Part[] = [];
  const each = events / PARTS;
  let [beforeMs, before] = [nowMs(), world.usage()];
  for (let upTo = each; parts.length < PARTS; upTo += each) {
    await world.parts.sink.call.until({
      lane,
      distinct: Math.round(upTo),
      stallMs: STALL_MS,
      limitMs: LIMIT_MS,
    });
    const [atMs, usage] = [nowMs(), world.usage()];
    parts.push({
      upTo: Math.round(upTo),
      deliveriesPerSecond: perSecond(each, atMs - beforeMs),
      ...costs(subtract(usage, before), each),
    });
    [beforeMs, before] = [atMs, usage];
  }
  return parts;
}

function costs({ posthorn, temporal, postgres }: Usage, deliveries: number) {
  const per = (ms: number) => rounded(ms / deliveries);
  return {
    cpu: per(posthorn + temporal + postgres),
    posthorn: per(posthorn),
    temporal: per(temporal),
    postgres: per(postgres),
  };
}
