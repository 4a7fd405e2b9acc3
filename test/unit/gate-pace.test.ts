/** Endpoints that may not answer are tried a few at a time, and then at a pace: what hangs must not time out together. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGate } from '../../src/dispatch/gate.ts';
import { user, type Held } from './gate-user.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const LIMITS = { maxInFlight: 512, maxInFlightPerEndpoint: 32 };
const TIMEOUT_MS = 15_000;

/** A gate at which each exchange ends as `behave` says: after so many ms, negative for a time-out. */
function world(behave: (one: Held) => number) {
  const gate = createGate(LIMITS);
  const visitor = user(gate);
  const seen = new Set<Held>();
  const ends: { one: Held; atMs: number; timedOut: boolean }[] = [];
  return {
    ...visitor,
    gate,
    enterAll(tenant: string, endpoints: number, times = 1) {
      for (let n = 0; n < endpoints; n += 1) visitor.enter(`${tenant}/${n}`, times);
    },
    /** Returns how many exchanges began in each second. */
    async run(seconds: number): Promise<number[]> {
      const begun: number[] = [];
      for (let second = 0; second < seconds; second += 1) {
        const before = visitor.granted.length;
        for (let step = 0; step < 20; step += 1) {
          await vi.advanceTimersByTimeAsync(50);
          for (const one of visitor.held()) {
            if (seen.has(one)) continue;
            seen.add(one);
            const afterMs = behave(one);
            ends.push({ one, atMs: performance.now() + Math.abs(afterMs), timedOut: afterMs < 0 });
          }
          const over = ends.filter(({ atMs }) => atMs <= performance.now());
          for (const end of over) {
            ends.splice(ends.indexOf(end), 1);
            visitor.leave(end.one, end.timedOut);
          }
        }
        begun.push(visitor.granted.length - before);
      }
      return begun;
    },
  };
}

describe('a thousand endpoints that hang', () => {
  it('are all tried, and never many of them in the same second, also when they time out', async () => {
    const { enterAll, run, granted } = world(() => -TIMEOUT_MS);
    enterAll('a', 1_000, 5);
    const [first, ...later] = await run(60);
    expect(first).toBeLessThanOrEqual(64 + 50);
    expect(Math.max(...later)).toBeLessThanOrEqual(64 + 50);
    expect(new Set(granted).size).toBe(1_000);
  });

  it('keep nobody waiting of the same tenant that answers, or is not known', async () => {
    const { enterAll, enter, run, granted } = world(({ endpointId }) =>
      endpointId.startsWith('a/good') ? 20 : -TIMEOUT_MS,
    );
    enter('a/good');
    await run(1);
    enterAll('a', 1_000, 5);
    await run(40);
    for (let n = 0; n < 20; n += 1) {
      granted.length = 0;
      enter('a/good', 3);
      enter(`a/good-new${n}`);
      await run(1);
      expect(granted.filter((path) => path.startsWith('a/good'))).toHaveLength(4);
    }
  });

  it('are tried anew within seconds when they answer again', async () => {
    let dead = true;
    const { enterAll, run, held } = world(() => (dead ? -TIMEOUT_MS : 50));
    enterAll('a', 1_000, 10);
    await run(60);
    dead = false;
    await run(15);
    const begun = await run(10);
    expect(Math.max(...begun)).toBeGreaterThan(400);
    expect(held().length).toBe(0);
  });
});

describe('a thousand endpoints of which nothing is known', () => {
  it('are tried the faster the more of them answer', async () => {
    const { enterAll, run, granted } = world(() => 200);
    enterAll('a', 1_000);
    await run(2);
    expect(granted).toHaveLength(1_000);
  });

  it('of several tenants share the pace', async () => {
    const { enterAll, run, held } = world(() => -TIMEOUT_MS);
    enterAll('a', 1_000);
    enterAll('b', 100);
    await run(1);
    const [a, b] = ['a', 'b'].map((tenantId) => held({ tenantId }).length) as [number, number];
    expect(a - b).toBeLessThanOrEqual(2);
    await run(12);
    expect(held({ tenantId: 'b' }).length).toBe(100);
  });
});
