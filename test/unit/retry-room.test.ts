/** How many calls may wait here for their slots, and when the others ask again. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  askAgainAtMs,
  createRetryRoom,
  type Patience,
  type RetryRoom,
} from '../../src/dispatch/retry-room.ts';
import { MAX_RETRIES } from '../../src/temporal/worker.ts';

const NOW = 1_780_000_000_000;
let room: RetryRoom;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  room = createRetryRoom();
});
afterEach(() => void vi.useRealTimers());

interface Call extends Patience {
  askAgainAtMs: number | null;
}

function call(...tenantIds: string[]): Call {
  const one: Call = Object.assign(room.begin(), { askAgainAtMs: null });
  for (const tenantId of tenantIds) void one.waitFor(tenantId, NOW).then((atMs) => (one.askAgainAtMs = atMs));
  return one;
}
const calls = (tenantId: string, count: number) => Array.from({ length: count }, () => call(tenantId));
const deferred = (all: Call[]) => all.filter((one) => one.askAgainAtMs !== null).length;
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('calls for retries', () => {
  it('all wait for a moment, then as many of a tenant as leave room for others', async () => {
    const greedy = calls('greedy', 3_000);
    await wait(1_900);
    expect(deferred(greedy)).toBe(0);
    await wait(200);
    const left = greedy.length - deferred(greedy);
    expect(left).toBeGreaterThan(300);
    expect(left).toBeLessThan(600);
    expect(left).toBeLessThan(MAX_RETRIES / 4);
    const modest = calls('modest', 100);
    await wait(2_100);
    expect(deferred(modest)).toBe(0);
  });

  it('leave their room to others when they end', async () => {
    for (let round = 0; round < 10; round += 1) {
      const all = calls('t', 300);
      await wait(2_100);
      expect(deferred(all)).toBe(0);
      for (const one of all) one.end();
    }
  });

  it('of several tenants count for each of them, once', async () => {
    const greedy = calls('greedy', 600);
    await wait(2_100);
    const [before, one] = [deferred(greedy), call('greedy', 'modest', 'greedy')];
    let modest: number | null = null;
    void one.waitFor('modest', NOW).then((atMs) => (modest = atMs));
    await wait(2_100);
    expect(one.askAgainAtMs).not.toBeNull();
    expect(modest).toBeNull();
    expect(deferred(greedy)).toBe(before);
  });

  it('that end in time take none', async () => {
    for (const one of calls('quick', 2_000)) one.end();
    await wait(2_100);
    const next = calls('quick', 300);
    await wait(2_100);
    expect(deferred(next)).toBe(0);
  });
});

it('what is deferred is asked for again the less often the later it is', () => {
  const again = (lateMs: number) => askAgainAtMs(NOW - lateMs, NOW) - NOW;
  for (let n = 0; n < 100; n += 1) {
    expect(again(0)).toBeGreaterThanOrEqual(30_000);
    expect(again(0)).toBeLessThanOrEqual(90_000);
    expect(again(200_000)).toBeGreaterThanOrEqual(100_000);
    expect(again(86_400_000)).toBeLessThanOrEqual(450_000);
  }
});
