import { nowMs } from '../clock.ts';
import { fill } from '../grown/fill.ts';
import { timeLists, type ListTime } from '../grown/lists.ts';
import { costOfStatements, type StatementCost } from '../grown/statements.ts';
import { seconds, type Outcome } from '../measure.ts';
import { dropDay } from '../../src/store/drop-day.ts';
import { existingDays } from '../../src/store/partitions.ts';
import { createPool } from '../../src/store/pool.ts';
import { query } from '../servers/database.ts';
import { cpuPerDelivery } from '../report.ts';
import { rounded, type Spread } from '../statistics.ts';
import type { Usage, World } from '../world.ts';
import { measureDrain } from './drain.ts';
import type { Scenario } from './index.ts';
import { measureRate } from './rate.ts';

const ENDPOINTS = 10;

/** The same on empty tables and on a month's rows, in one run of one Posthorn. */
export const grown: Scenario = {
  name: 'grown',
  about:
    'drain and rate-200 on empty tables, then on those of a month (--rows); lists, claims, sweep, a day dropped',
  async run(world) {
    const { grownRows } = world.parts.sizes;
    await world.start();
    await world.warmUp();
    const empty = await measureBoth(world);
    const tenant = await world.tenant({ size: 1, endpoints: ENDPOINTS });
    const paused = tenant.endpointIds.at(-1)!;
    await world.call('POST', `/v1/tenants/${tenant.id}/endpoints/${paused}/disable`, {});
    const startedMs = nowMs();
    const { id: tenantId, endpointIds } = tenant;
    await fill({ databaseUrl: world.databaseUrl, rows: grownRows, tenantId, endpointIds });
    const fillSeconds = seconds(nowMs() - startedMs);
    await world.quiet();
    const size = await databaseMib(world);
    const lists = await timeLists(tenant);
    const statements = await costOfStatements(world.databaseUrl);
    const full = await measureBoth(world);
    const dropped = await timeDrop(world);
    const figures = { rows: grownRows, fillSeconds, size, empty, full, lists, statements, dropped };
    return {
      ...sum([empty.drain, empty.rate, full.drain, full.rate]),
      headline: headlineOf(figures),
      details: [...lists.map(listLine), ...statements.map(statementLine)],
      figures: { ...figures, empty: figuresOf(empty), full: figuresOf(full) },
    };
  },
};

interface Both {
  drain: Outcome;
  rate: Outcome;
}

async function measureBoth(world: World): Promise<Both> {
  return {
    drain: await measureDrain(world, world.parts.sizes.drainEvents, 1),
    rate: await measureRate(world, 200),
  };
}

const cpuMs = (outcome: Outcome): number => cpuPerDelivery(outcome).server!;

const figuresOf = ({ drain, rate }: Both) => ({
  drain: { ...drain.figures, cpuMsPerDelivery: cpuPerDelivery(drain) },
  'rate-200': { ...rate.figures, cpuMsPerDelivery: cpuPerDelivery(rate) },
});

async function databaseMib(world: World): Promise<number> {
  const [row] = await query<{ bytes: string }>(
    world.databaseUrl,
    'SELECT pg_database_size(current_database()) AS bytes',
  );
  return Math.round(Number(row!.bytes) / (1 << 20));
}

/** As retention does it. */
async function timeDrop(world: World): Promise<{ ms: number; result: unknown }> {
  const pool = createPool(world.databaseUrl, 1);
  try {
    const [oldest] = await existingDays(pool);
    const startedMs = nowMs();
    const result = await dropDay(pool, oldest!);
    return { ms: rounded(nowMs() - startedMs), result };
  } finally {
    await pool.end();
  }
}

function headlineOf(figures: {
  rows: number;
  empty: Both;
  full: Both;
  lists: ListTime[];
  statements: StatementCost[];
  dropped: { ms: number };
}): string {
  const { rows, empty, full, lists, statements, dropped } = figures;
  const drains = [empty, full].map(({ drain }) => drain.figures.deliveriesPerSecond as number);
  const cpu = [empty, full].map(({ drain }) => cpuMs(drain));
  const p95s = [empty, full].map(({ rate }) => (rate.figures.receiptMs as Spread).p95);
  return [
    `${rows.toLocaleString('en')} rows: drain ${drains.join(' → ')} deliveries/s, ${cpu.join(' → ')} ms of CPU each`,
    `rate-200 p95 ${p95s.join(' → ')} ms`,
    `slowest list ${Math.max(...lists.map(({ minMs }) => minMs))} ms`,
    `dearest statement ${Math.max(...statements.map(({ ms }) => ms))} ms`,
    `a day dropped in ${dropped.ms} ms`,
  ].join('; ');
}

const listLine = ({ list, firstMs, minMs, maxMs, found }: ListTime): string =>
  `  ${firstMs} ms at first, then ${minMs} – ${maxMs} ms, ${found} rows: ${list}`;

const statementLine = ({ statement, ms, pages }: StatementCost): string =>
  `  ${ms} ms, ${pages} pages: ${statement}`;

function sum(outcomes: Outcome[]) {
  const total = (pick: (outcome: Outcome) => number) =>
    outcomes.reduce((all, outcome) => all + pick(outcome), 0);
  const names = Object.keys(outcomes[0]!.usageMs) as (keyof Usage)[];
  return {
    deliveries: total(({ deliveries }) => deliveries),
    lost: total(({ lost }) => lost),
    duplicates: total(({ duplicates }) => duplicates),
    unrecorded: total(({ unrecorded }) => unrecorded),
    usageMs: Object.fromEntries(
      names.map((name) => [name, total(({ usageMs }) => usageMs[name])]),
    ) as unknown as Usage,
    profiles: outcomes.flatMap(({ profiles }) => profiles ?? []),
  };
}
