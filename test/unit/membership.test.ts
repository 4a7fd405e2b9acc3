/** A process among its like: when it may act, when it has to ask first, and whom it takes for dead. */
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMembership, type Membership } from '../../src/dispatch/membership.ts';
import type { Queryable } from '../../src/store/pool.ts';

/** The table of processes: heartbeats by process. A statement may be held up, or fail. */
let table: Map<number, number>;
let answers: 'at once' | 'never' | 'with an error';
let disowned: number;
let membership: Membership;

async function answer(text: string, values: unknown[]): Promise<object[]> {
  if (answers === 'never') return new Promise(() => {});
  if (answers === 'with an error') throw new Error('away');
  if (text.startsWith('INSERT')) {
    const id = table.size === 0 ? 1 : Math.max(...table.keys()) + 1;
    table.set(id, Date.now());
    return [{ id }];
  }
  if (text.startsWith('UPDATE')) {
    const id = values[0] as number;
    if (!table.has(id)) return [];
    table.set(id, Date.now());
    return [{ id }];
  }
  if (text.startsWith('SELECT')) {
    const staleBefore = Date.now() - (values[0] as number) * 1_000;
    return [...table].filter(([, at]) => at < staleBefore).map(([id, at]) => ({ id, at: String(at) }));
  }
  for (const id of values[0] as number[]) table.delete(id);
  return [];
}

beforeEach(async () => {
  vi.useFakeTimers();
  table = new Map();
  answers = 'at once';
  disowned = 0;
  membership = join();
  await membership.register();
  membership.start();
});
afterEach(() => void vi.useRealTimers());

function join(): Membership {
  const db = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => ({
      rows: await answer(text, values),
    }),
  } as unknown as Queryable;
  return createMembership({
    db,
    heartbeatDb: db,
    role: 'worker',
    onDisowned: () => (disowned += 1),
    log: pino({ level: 'silent' }),
  });
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a process', () => {
  it('is certain of itself for as long as its heartbeats are answered', async () => {
    for (let second = 0; second < 10; second += 1) {
      expect(membership.isCertain()).toBe(true);
      await pass(1_000);
    }
  });

  it('is not when they are not, and waits for one that is', async () => {
    answers = 'with an error';
    await pass(1_600);
    expect(membership.isCertain()).toBe(false);
    let goesOn = false;
    void membership.certain().then(() => (goesOn = true));
    await pass(5_000);
    expect(goesOn).toBe(false);
    answers = 'at once';
    await pass(500);
    expect(goesOn).toBe(true);
    expect(membership.id).toBe(1);
    expect(disowned).toBe(0);
  });

  it('asks at once when it has been held up, and has nothing to lose', async () => {
    // No timer ran: the clock has moved on, and the process with it.
    vi.setSystemTime(Date.now() + 60_000);
    expect(membership.isCertain()).toBe(false);
    let goesOn = false;
    void membership.certain().then(() => (goesOn = true));
    await pass(0);
    expect(goesOn).toBe(true);
  });

  it('that others took for dead has disowned all it held before it goes on, under another number', async () => {
    table.set(7, Date.now());
    table.delete(1);
    vi.setSystemTime(Date.now() + 60_000);
    const order: string[] = [];
    void membership.certain().then(() => order.push(`goes on as ${membership.id}, disowned: ${disowned}`));
    await pass(0);
    expect(order).toEqual(['goes on as 8, disowned: 1']);
  });
});

describe('another process', () => {
  it('is dead when its heartbeat is old and has been seen to stand still', async () => {
    table.set(7, Date.now());
    await pass(4_000);
    expect(await membership.findDead()).toEqual([]);
    await pass(1_000);
    expect(await membership.findDead()).toEqual([]);
    await pass(1_600);
    expect(await membership.findDead()).toEqual([7]);
  });

  it('is not when it beats again, however old its heartbeat was', async () => {
    table.set(7, Date.now() - 3_600_000);
    expect(await membership.findDead()).toEqual([]);
    table.set(7, Date.now() - 3_500_000);
    await pass(3_000);
    expect(await membership.findDead()).toEqual([]);
  });

  it('is never oneself', async () => {
    answers = 'with an error';
    await pass(10_000);
    answers = 'at once';
    table.set(1, Date.now() - 3_600_000);
    expect(await membership.findDead()).toEqual([]);
  });
});
