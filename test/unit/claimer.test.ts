/** What is fetched from the table, when, and how much at a time. */
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClaimer, type Claimer } from '../../src/dispatch/claimer.ts';
import type { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { Job } from '../../src/dispatch/job.ts';
import type { Membership } from '../../src/dispatch/membership.ts';
import type { Queryable } from '../../src/store/pool.ts';
import type { WorkRow } from '../../src/store/work-row.ts';

const OWN_ID = 1;
/** Long enough for what was announced, too short for a tick. */
const SOON_MS = 60;
/** In place of the size of an event that is gone. */
const GONE = -1;

interface Row {
  id: string;
  tenantId: string;
  endpointId: string;
  status: 'pending' | 'retrying';
  claimedBy: number | null;
  bytes: number;
}

let table: Row[];
/** Names of the statements, and the counts that were ordered in each claim. */
let statements: string[];
let orders: { endpointId: string; count: number }[][];
let failing: boolean;
let onClaim: () => void;
/** By endpoint: what may be in memory, and what is. */
let roomOf: (endpointId: string) => number;
let inMemory: Job[];
/** Nothing of these is wanted before then. */
let restsUntilMs: Map<string, number>;
let takesRetries: boolean;
let dead: number[];
let removed: number[];
let membership: { id: number | null; isCertain: () => boolean };
let claimer: Claimer;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  table = [];
  statements = [];
  orders = [];
  failing = false;
  onClaim = () => {};
  roomOf = () => 100;
  inMemory = [];
  restsUntilMs = new Map();
  takesRetries = true;
  dead = [];
  removed = [];
  membership = { id: OWN_ID, isCertain: () => true };
  claimer = create();
});
afterEach(async () => {
  await claimer.stop();
  vi.useRealTimers();
});

function create(maxEndpoints?: number): Claimer {
  const heldOf = (endpointId: string) => inMemory.filter((job) => job.endpointId === endpointId).length;
  const dispatcher: Pick<Dispatcher, 'wantedFor' | 'restsUntilMs' | 'takesRetries' | 'take' | 'holds'> = {
    wantedFor({ endpointId }) {
      const held = heldOf(endpointId);
      return held > roomOf(endpointId) / 2 ? 0 : roomOf(endpointId) - held;
    },
    restsUntilMs: (endpointId) => restsUntilMs.get(endpointId) ?? 0,
    takesRetries: () => takesRetries,
    take: (jobs) => void inMemory.push(...jobs),
    holds: (deliveryId) => inMemory.some((job) => job.deliveryId === deliveryId),
  };
  const others = {
    findDead: () => Promise.resolve(dead.splice(0)),
    remove: (ids: number[]) => Promise.resolve(void removed.push(...ids)),
  };
  return createClaimer({
    db: { query } as unknown as Queryable,
    membership: Object.assign(membership, others) as Membership,
    dispatcher: dispatcher as Dispatcher,
    log: pino({ level: 'silent' }),
    maxEndpoints,
  });
}

async function query({ name, values = [] }: { name: string; values?: unknown[] }): Promise<object> {
  statements.push(name);
  await Promise.resolve();
  if (failing) throw new Error('away');
  return { rows: answers[name]!(values) };
}

const unclaimed = () => table.filter((row) => row.claimedBy === null);

const answers: Record<string, (values: unknown[]) => object[]> = {
  'waiting-endpoints'([afterId, , limit]) {
    const found = new Map(unclaimed().map(({ endpointId, tenantId }) => [endpointId, tenantId]));
    return [...found]
      .filter(([endpointId]) => endpointId > (afterId as string))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit as number)
      .map(([endpointId, tenantId]) => ({ endpointId, tenantId }));
  },
  'claim-deliveries'([processId, endpointIds, statuses, counts, maxBytes]) {
    const asked = (endpointIds as string[]).map((endpointId, n) => {
      return { endpointId, status: (statuses as string[])[n], count: (counts as number[])[n]! };
    });
    orders.push(asked.filter(({ status }) => status === 'pending'));
    const chosen = asked.flatMap(({ endpointId, status, count }) =>
      unclaimed()
        .filter((row) => row.endpointId === endpointId && row.status === status)
        .slice(0, count),
    );
    let bytes = 0;
    const fitting = chosen.filter((row, n) => (bytes += row.bytes) <= (maxBytes as number) || n === 0);
    for (const row of fitting) row.claimedBy = processId as number;
    onClaim();
    return fitting.map(workRow);
  },
  'cancel-deliveries'([ids]) {
    table = table.filter(({ id }) => !(ids as string[]).includes(id));
    return [];
  },
  'absent-claimants': () => {
    const holders = new Set(table.map((row) => row.claimedBy).filter((id) => id !== null && id !== OWN_ID));
    return [...holders].filter((id) => removed.includes(id!)).map((id) => ({ id }));
  },
  'release-claims'([processIds]) {
    const held = table.filter((row) => (processIds as number[]).includes(row.claimedBy ?? -1));
    for (const row of held) row.claimedBy = null;
    return [{ count: held.length }];
  },
};

function workRow({ id, tenantId, endpointId, status, bytes }: Row): WorkRow {
  return {
    ...{ id, tenant_id: tenantId, endpoint_id: endpointId, status },
    ...{
      trigger: 'schedule',
      attempt_count: 0,
      scheduled_count: 0,
      next_attempt_at: null,
      workflow_id: null,
    },
    ...{ event_uid: id, event_id: id, event_type: 'a.b', environment: 'production' },
    ...{ timestamp: new Date(0), data: bytes === GONE ? null : 'x'.repeat(bytes) },
  } as WorkRow;
}

function wait(endpointId: string, count: number, row: Partial<Row> = {}): void {
  for (let n = 0; n < count; n += 1) {
    const id = `dlv_${table.length}`;
    table.push({ id, tenantId: 't', endpointId, status: 'pending', claimedBy: null, bytes: 10, ...row });
  }
}

/** So many of what is in memory have been delivered. */
function deliver(count: number): void {
  for (const { deliveryId } of inMemory.splice(0, count)) {
    table = table.filter((row) => row.id !== deliveryId);
    claimer.onRoom();
  }
}

const soon = () => vi.advanceTimersByTimeAsync(SOON_MS);
const claims = () => statements.filter((name) => name === 'claim-deliveries').length;
const looks = () => statements.filter((name) => name === 'waiting-endpoints').length;

describe('what waits in the table', () => {
  it('is claimed at the start, of each endpoint as much as there is room for', async () => {
    roomOf = (endpointId) => (endpointId === 'small' ? 5 : 100);
    wait('small', 50);
    wait('large', 50);
    wait('another tenant’s', 50, { tenantId: 'u' });
    claimer.start();
    await soon();
    const held = (endpointId: string) => inMemory.filter((job) => job.endpointId === endpointId).length;
    expect([held('small'), held('large'), held('another tenant’s')]).toEqual([5, 50, 50]);
  });

  it('is claimed as soon as somebody says so, once for all who say it together', async () => {
    claimer.start();
    await soon();
    statements = [];
    wait('ep', 10);
    for (let n = 0; n < 5; n += 1) claimer.nudge();
    await vi.advanceTimersByTimeAsync(0);
    expect(inMemory).toHaveLength(10);
    expect([looks(), claims()]).toEqual([1, 1]);
  });

  it('is claimed without a look into the table where it is known whose it is', async () => {
    claimer.start();
    await soon();
    statements = [];
    wait('ep', 10);
    claimer.left([{ tenantId: 't', endpointId: 'ep' }]);
    await soon();
    expect(inMemory).toHaveLength(10);
    expect([looks(), claims()]).toEqual([0, 1]);
  });

  it('is cancelled where its event is gone, and keeps nothing behind it from its turn', async () => {
    wait('ep', 150, { bytes: GONE });
    wait('ep', 10);
    claimer.start();
    await soon();
    expect(inMemory).toHaveLength(10);
    expect(table).toHaveLength(10);
  });

  it('is found within ten seconds when nobody says anything', async () => {
    claimer.start();
    await soon();
    wait('ep', 10);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inMemory).toHaveLength(10);
  });

  it('of more endpoints than one look shows is claimed by and by, none left out', async () => {
    for (let n = 0; n < 350; n += 1) wait(`ep_${n}`, 1);
    claimer.start();
    await soon();
    expect(inMemory).toHaveLength(350);
  });

  it('costs nothing while there is none', async () => {
    claimer.start();
    await vi.advanceTimersByTimeAsync(9_500);
    expect([looks(), claims()]).toEqual([1, 0]);
  });

  it('is not taken a second time when it is in memory already', async () => {
    wait('ep', 3);
    claimer.start();
    await soon();
    // An unclaimed row, though this process has it: a write that came late.
    table[0]!.claimedBy = null;
    claimer.nudge();
    await soon();
    expect(inMemory.map((job) => job.deliveryId)).toEqual(['dlv_0', 'dlv_1', 'dlv_2']);
  });

  it('and wants a workflow only, stays there while too much of that waits', async () => {
    takesRetries = false;
    wait('ep', 2, { status: 'retrying' });
    wait('ep', 2);
    claimer.start();
    await soon();
    expect(inMemory.map((job) => job.status)).toEqual(['pending', 'pending']);
    takesRetries = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inMemory).toHaveLength(4);
  });
});

describe('an endpoint of which nothing is due for a while', () => {
  it('is not asked about again before then, whoever says that more of it waits', async () => {
    roomOf = () => 0;
    restsUntilMs.set('limited', Date.now() + 30_000);
    wait('limited', 50);
    claimer.start();
    await soon();
    roomOf = () => 5;
    for (let n = 0; n < 20; n += 1) {
      claimer.left([{ tenantId: 't', endpointId: 'limited' }]);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(inMemory).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(inMemory).toHaveLength(5);
  });

  it('is asked about at once when its limit was changed', async () => {
    roomOf = () => 0;
    restsUntilMs.set('limited', Date.now() + 3_600_000);
    wait('limited', 50);
    claimer.start();
    await soon();
    roomOf = () => 5;
    claimer.wake('limited');
    await soon();
    expect(inMemory).toHaveLength(5);
  });
});

describe('more endpoints with something waiting than are remembered', () => {
  const KNOWN = 200;
  const claimed = (endpointId: string) => inMemory.filter((job) => job.endpointId === endpointId).length;

  /** All of one tenant, and nothing of them is wanted. */
  beforeEach(async () => {
    await claimer.stop();
    claimer = create(KNOWN);
    for (let n = 0; n < 2 * KNOWN; n += 1) wait(`hanging_${n}`, 1);
    roomOf = (endpointId) => (endpointId.startsWith('hanging') ? 0 : 100);
    claimer.start();
    await soon();
  });

  it('keep nobody else from being claimed as soon as it is said', async () => {
    wait('zz_healthy', 3, { tenantId: 'u' });
    claimer.left([{ tenantId: 'u', endpointId: 'zz_healthy' }]);
    await soon();
    expect(claimed('zz_healthy')).toBe(3);
  });

  it('keep nothing from being found of which nobody said anything, of the same tenant either', async () => {
    wait('a_healthy', 3);
    wait('zz_healthy', 3, { tenantId: 'u' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect([claimed('a_healthy'), claimed('zz_healthy')]).toEqual([3, 3]);
  });

  it('are all claimed when they can be', async () => {
    roomOf = () => 100;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(unclaimed()).toEqual([]);
  });
});

describe('a look into the table', () => {
  it('lets ticks and others have their turns between two pages', async () => {
    for (let n = 0; n < 1_000; n += 1) wait(`ep_${n}`, 1);
    const done: string[] = [];
    onClaim = () => done.push('claim');
    claimer.start();
    const between = claimer.between(() => Promise.resolve(void done.push('another')));
    await soon();
    await between;
    expect(done.indexOf('another')).toBeLessThan(3);
    expect(inMemory).toHaveLength(1_000);
  });
});

describe('a claim', () => {
  it('takes a thousand at most, of its endpoints alike', async () => {
    for (let n = 0; n < 50; n += 1) wait(`ep_${n}`, 60);
    claimer.start();
    await soon();
    expect(new Set(orders[0]!.map(({ count }) => count))).toEqual(new Set([20]));
    for (const order of orders)
      expect(order.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(1_000);
  });

  it('that was cut short for its bytes is followed by another, without a look', async () => {
    wait('ep', 20, { bytes: 1 << 20 });
    claimer.start();
    await soon();
    expect(inMemory).toHaveLength(20);
    expect([looks(), claims()]).toEqual([1, 3]);
  });

  it('waits until an endpoint’s part is half empty, and is then one for all that have left', async () => {
    wait('ep', 300);
    claimer.start();
    await soon();
    expect(inMemory).toHaveLength(100);
    statements = [];
    deliver(40);
    await soon();
    expect(claims()).toBe(0);
    deliver(30);
    await soon();
    expect([looks(), claims()]).toEqual([0, 1]);
    expect(inMemory).toHaveLength(100);
  });

  it('goes on without a pause until nothing is left', async () => {
    wait('ep', 5_000);
    claimer.start();
    for (let ms = 0; ms < 4_000; ms += 50) {
      await vi.advanceTimersByTimeAsync(50);
      deliver(100);
    }
    expect(table).toHaveLength(0);
  });

  it('is not made while others may take this process for dead', async () => {
    membership.isCertain = () => false;
    wait('ep', 10);
    claimer.start();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(claims()).toBe(0);
    membership.isCertain = () => true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(inMemory).toHaveLength(10);
  });

  it('counts for nothing when this process was taken for dead meanwhile', async () => {
    wait('ep', 10);
    onClaim = () => (membership.id = 2);
    claimer.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(inMemory).toEqual([]);
  });

  it('that fails is made again', async () => {
    claimer.start();
    await soon();
    wait('ep', 10);
    failing = true;
    claimer.nudge();
    claimer.left([{ tenantId: 't', endpointId: 'ep' }]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(inMemory).toEqual([]);
    failing = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(inMemory).toHaveLength(10);
  });

  it('is never under way beside what must not meet one, and is the last when the claimer stops', async () => {
    const order: string[] = [];
    onClaim = () => order.push('claim');
    wait('ep', 10);
    claimer.start();
    const between = claimer.between(async () => {
      order.push('begin');
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      order.push('end');
    });
    claimer.nudge();
    wait('ep_2', 10);
    await vi.advanceTimersByTimeAsync(4_000);
    claimer.left([{ tenantId: 't', endpointId: 'ep_2' }]);
    await vi.advanceTimersByTimeAsync(2_000);
    await between;
    expect(order.indexOf('end')).toBe(order.indexOf('begin') + 1);
    await claimer.stop();
    statements = [];
    wait('ep_3', 10);
    claimer.nudge();
    claimer.left([{ tenantId: 't', endpointId: 'ep_3' }]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(statements).toEqual([]);
  });
});

describe('what a process held that is dead', () => {
  it('is claimed at once, after that one was removed', async () => {
    wait('ep', 10, { claimedBy: 7 });
    claimer.start();
    await soon();
    expect(inMemory).toEqual([]);
    dead = [7];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(removed).toEqual([7]);
    expect(inMemory).toHaveLength(10);
  });

  it('is found when another removed it and did not come to the rest', async () => {
    claimer.start();
    await soon();
    wait('ep', 10, { claimedBy: 7 });
    removed = [7];
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inMemory).toHaveLength(10);
  });
});
