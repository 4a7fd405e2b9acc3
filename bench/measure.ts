/** The steps that scenarios share: publish, wait for every receipt, wait until it is recorded, count. */
import { nowMs, sleep } from './clock.ts';
import type { Published } from './load/ledger.ts';
import type { Profile } from './profile/profiler.ts';
import { compare, isAccepted } from './sink/receipts.ts';
import type { LaneReceipts } from './sink/process.ts';
import { spread, type Spread } from './statistics.ts';
import type { Tenant, Usage, World } from './world.ts';

export const CONNECTIONS = 32;
const STALL_MS = 30_000;
const LIMIT_MS = 15 * 60_000;
const RECORD_LIMIT_MS = 20_000;

/** What every run says, whatever its scenario. */
export interface Outcome {
  /** For people, in a table. */
  headline: string;
  /** The same, in lines of their own under the table's row. */
  details?: string[];
  figures: Record<string, unknown>;
  deliveries: number;
  lost: number;
  duplicates: number;
  /** Still pending in Postgres some time after everything had arrived. */
  unrecorded: number;
  /** CPU from the first publish until everything was recorded. */
  usageMs: Usage;
  profiles?: Profile[];
}

export interface Collected {
  published: Published;
  lanes: LaneReceipts[];
  lost: number;
  duplicates: number;
  unrecorded: number;
  deliveries: number;
  usageMs: Usage;
  profiles: Profile[];
}

export interface CollectOptions {
  /** Receipts expected per event and endpoint. */
  times?: number;
  stallMs?: number;
  /** Called with the wait for receipts still ahead. */
  onPublished?: (published: Published) => Promise<void>;
}

export async function publishAndCollect(
  world: World,
  tenant: Tenant,
  publish: () => Promise<Published>,
  options: CollectOptions = {},
): Promise<Collected> {
  world.profiler?.start(world.processes);
  const before = world.usage();
  const published = await publish();
  await options.onPublished?.(published);
  const { times = 1, stallMs = STALL_MS } = options;
  for (const lane of tenant.lanes) await receive(world, lane, published, times, stallMs);
  const unrecorded = await recorded(world, tenant.id);
  await world.quiet();
  const usageMs = subtract(world.usage(), before);
  const profiles = (await world.profiler?.stop()) ?? [];
  const lanes = await Promise.all(tenant.lanes.map((lane) => world.parts.sink.call.receipts(lane)));
  const compared = lanes.map((lane) => compare(lane.counts, published.statuses, times));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return {
    published,
    lanes,
    lost: sum(compared.map(({ lost }) => lost)),
    duplicates: sum(compared.map(({ duplicates }) => duplicates)),
    unrecorded,
    deliveries: sum(lanes.map(({ distinct }) => distinct)),
    usageMs,
    profiles,
  };
}

/** So many events as fast as they are answered; the tenant's sink can tell twice as many apart. */
export function publishAtFullSpeed(
  world: World,
  { target }: Tenant,
  events: number,
  limitMs: number,
): Promise<Published> {
  const loop = { target, connections: CONNECTIONS, count: events, capacity: events * 2, limitMs };
  return world.parts.load.call.closedLoop(loop);
}

/** Until every accepted event has arrived `times` times, or nothing more comes. */
async function receive(
  world: World,
  lane: number,
  published: Published,
  times: number,
  stallMs: number,
): Promise<void> {
  const { sink } = world.parts;
  const endMs = nowMs() + LIMIT_MS;
  const enough = { lane, distinct: published.accepted, received: published.accepted * times };
  await sink.call.until({ ...enough, stallMs, limitMs: LIMIT_MS });
  // Events whose publish was never answered may have arrived, too, so the sum does not prove that none is missing.
  while (nowMs() < endMs) {
    const { counts, received } = await sink.call.receipts(lane);
    const { lost } = compare(counts, published.statuses, times);
    if (lost === 0) return;
    const more = { lane, received: received + lost, stallMs, limitMs: endMs - nowMs() };
    if ((await sink.call.until(more)).received === received) return;
  }
}

async function recorded(world: World, tenantId: string): Promise<number> {
  const endMs = nowMs() + RECORD_LIMIT_MS;
  let unsettled = await world.unsettled(tenantId);
  while (unsettled > 0 && nowMs() < endMs) {
    await sleep(500);
    unsettled = await world.unsettled(tenantId);
  }
  return unsettled;
}

export function subtract(after: Usage, before: Usage): Usage {
  const entries = Object.entries(after).map(([name, ms]) => [name, ms - before[name as keyof Usage]]);
  return Object.fromEntries(entries) as unknown as Usage;
}

/** Publish → first receipt, ms, over all endpoints. */
export function latency({ published, lanes }: Pick<Collected, 'published' | 'lanes'>): Spread {
  const values: number[] = [];
  for (const { counts, firstMs } of lanes) {
    published.statuses.forEach((status, seq) => {
      if (isAccepted(status) && counts[seq]! > 0) values.push(firstMs[seq]! - published.intendedMs[seq]!);
    });
  }
  return spread(values);
}

/** Publish → 202, ms. */
export function acceptLatency({ statuses, intendedMs, answeredMs }: Published): Spread {
  const values: number[] = [];
  statuses.forEach((status, seq) => {
    if (isAccepted(status)) values.push(answeredMs[seq]! - intendedMs[seq]!);
  });
  return spread(values);
}

/** Answers other than 2xx: status → how many; 0 stands for none at all. */
export function refusals({ statuses }: Published): Record<number, number> {
  const found: Record<number, number> = {};
  for (const status of statuses) if (!isAccepted(status)) found[status] = (found[status] ?? 0) + 1;
  return found;
}

/** Last first-receipt of an event over all endpoints. */
export function lastFirstMs(lanes: LaneReceipts[]): number {
  return lanes.reduce(
    (last, { firstMs }) => firstMs.reduce((later, ms) => (ms > later ? ms : later), last),
    0,
  );
}

export function outcomeOf(collected: Collected, headline: string, figures: Record<string, unknown>): Outcome {
  const { deliveries, lost, duplicates, unrecorded, usageMs, published, profiles } = collected;
  const refused = refusals(published);
  const all = Object.keys(refused).length > 0 ? { ...figures, refusals: refused } : figures;
  const outcome = { headline, figures: all, deliveries, lost, duplicates, unrecorded, usageMs };
  return profiles.length > 0 ? { ...outcome, profiles } : outcome;
}

export const perSecond = (count: number, ms: number): number => Math.round(count / (ms / 1000));
export const seconds = (ms: number): number => Math.round(ms / 100) / 10;
/** "3.1 / 5.2 / 9.9" */
export const p50p95p99 = ({ p50, p95, p99 }: Spread): string =>
  [p50, p95, p99]
    .map((value) => (value === null ? '–' : value < 100 ? value.toFixed(1) : Math.round(value)))
    .join(' / ');
