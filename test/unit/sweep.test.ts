/** Deliveries that this process has claimed and does not hold; and that no pass keeps another from its turn. */
import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Claimer } from '../../src/dispatch/claimer.ts';
import type { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { Membership } from '../../src/dispatch/membership.ts';
import { createSweep, type Sweep, type SweepDeps } from '../../src/dispatch/sweep.ts';
import { lowestDeliveryIdAt } from '../../src/ids.ts';
import type { Queryable } from '../../src/store/pool.ts';

const PASS_MS = 10_000;

/** Ids of deliveries that are claimed by this process. */
let claimed: string[];
let held: Set<string>;
let asked: string[];
let failing: string | null;
let answerMs: number;
let nudges: number;
let isClaiming: boolean;
let sweep: Sweep;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-01-01') });
  claimed = [];
  held = new Set();
  asked = [];
  failing = null;
  answerMs = 0;
  nudges = 0;
  isClaiming = false;
  sweep = create();
  sweep.start();
});
afterEach(async () => {
  await Promise.all([sweep.stop(), vi.advanceTimersByTimeAsync(answerMs)]);
  vi.useRealTimers();
});

function create(): Sweep {
  const claimer: Pick<Claimer, 'between' | 'nudge'> = {
    async between(work) {
      isClaiming = true;
      await work().finally(() => (isClaiming = false));
    },
    nudge: () => void (nudges += 1),
  };
  return createSweep({
    db: { query } as unknown as Queryable,
    membership: { id: 1 } as Membership,
    dispatcher: { holds: (id) => held.has(id) } as Dispatcher,
    claimer: claimer as Claimer,
    fateOf: () => Promise.resolve('running'),
    longWork: {} as SweepDeps['longWork'],
    log: pino({ level: 'silent' }),
  });
}

async function query({ name, values = [] }: { name: string; values?: unknown[] }): Promise<object> {
  asked.push(name);
  if (answerMs > 0) await new Promise((resolve) => setTimeout(resolve, answerMs));
  if (name === failing) throw new Error('away');
  if (name === 'claimed-long-ago') return { rows: claimedLongAgo(values) };
  if (name === 'unclaim') {
    expect(isClaiming, 'no claim comes between the look and the release').toBe(true);
    const ids = new Set(values[0] as string[]);
    claimed = claimed.filter((id) => !ids.has(id));
  }
  return { rows: [] };
}

function claimedLongAgo([, olderThan, afterEndpointId, afterId, limit]: unknown[]): object[] {
  const after = `${String(afterEndpointId)} ${String(afterId)}`;
  return claimed
    .filter((id) => id < (olderThan as string) && `ep ${id}` > after)
    .slice(0, limit as number)
    .map((id) => ({ id, endpointId: 'ep' }));
}

/** Ids of deliveries that were made now. */
function claim(count: number): string[] {
  const ids = Array.from({ length: count }, (_, n) => {
    return `${lowestDeliveryIdAt(new Date())}${String(n).padStart(20, '0')}`;
  });
  claimed.push(...ids);
  return ids;
}

const pass = () => vi.advanceTimersByTimeAsync(PASS_MS);

it('what is claimed and not held is anyone’s again, however much lies before it that is held', async () => {
  const ids = claim(30_000);
  held = new Set(ids.filter((_, n) => n < 12_000 || n % 2));
  await pass();
  await pass();
  expect(claimed).toHaveLength(held.size);
  expect(claimed.every((id) => held.has(id))).toBe(true);
  expect(nudges).toBeGreaterThan(0);
});

it('what was claimed just now is not looked at: its room is taken, and its row is being written', async () => {
  await vi.advanceTimersByTimeAsync(PASS_MS / 2);
  claim(10);
  await pass();
  await pass();
  expect(claimed).toHaveLength(10);
  await pass();
  expect([claimed.length, isClaiming]).toEqual([0, false]);
});

it('a pass that fails keeps no other from its turn, and is tried again', async () => {
  claim(10);
  failing = 'claimed-long-ago';
  await pass();
  await pass();
  expect(claimed).toHaveLength(10);
  expect(asked).toContain('release-wrongly-held');
  expect(asked).toContain('retrying-workflows');
  failing = 'release-wrongly-held';
  asked = [];
  await pass();
  expect(claimed).toEqual([]);
  expect(asked).toContain('retrying-workflows');
});

it('a pass that takes long is not joined by another, and ends before the sweep has stopped', async () => {
  answerMs = 25_000;
  await pass();
  await pass();
  expect(asked).toEqual(['claimed-long-ago']);
  let stopped = false;
  const stopping = sweep.stop().then(() => (stopped = true));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(stopped).toBe(false);
  await vi.advanceTimersByTimeAsync(answerMs);
  await stopping;
  expect(asked).toEqual(['claimed-long-ago']);
});
