/** An endpoint's rate, kept by any number of processes: never above it, and used up where there is work. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LATE_MS, MAX_DEFERRAL_MS, Meter, patienceMs } from '../../src/dispatch/meter.ts';
import { KEPT_PART, RESERVED_AHEAD_MS, type RateLimit } from '../../src/rate-limit.ts';

/** The row in Postgres, as reserve-attempts.ts moves it on (its own test compares the two). */
function bucket(limit: RateLimit) {
  const kept = limit.perSecond * KEPT_PART;
  const room = limit.burst + (kept * RESERVED_AHEAD_MS) / 1000;
  let arrivalMs = -Infinity;
  return (count: number, nowMs: number) => {
    const before = Math.min(room, Math.max(0, ((arrivalMs - nowMs) / 1000) * kept));
    const granted = Math.max(0, Math.min(count, Math.floor(room - before + 1e-9)));
    arrivalMs = nowMs + ((before + granted) / kept) * 1000;
    return { limit, granted, used: before + granted };
  };
}

interface World {
  limit: RateLimit;
  processes: number;
  /** How long each question to Postgres takes, and how long each wake-up is late (ms). */
  answerMs: number;
  lateMs: number;
}

/** Processes that always have work, step by step; returns when each attempt began. */
function run({ limit, processes, answerMs, lateMs }: World, forMs: number): number[] {
  const reserve = bucket(limit);
  const begun: number[] = [];
  const all = Array.from({ length: processes }, () => ({
    meter: new Meter(limit),
    answer: null as null | { atMs: number; granted: ReturnType<typeof reserve> },
    wakeAtMs: 0,
  }));
  for (let nowMs = 0; nowMs < forMs; nowMs += 1) {
    for (const one of all) {
      const { meter } = one;
      if (one.answer && one.answer.atMs <= nowMs) {
        const surplus = meter.reserved(one.answer.granted, nowMs);
        one.answer = null;
        for (let n = 0; n < surplus; n += 1) meter.leave('first');
        one.wakeAtMs = nowMs;
      }
      if (nowMs < one.wakeAtMs) continue;
      while (meter.enter('first', nowMs));
      while (meter.waiting > 0 && meter.isDue(nowMs)) {
        meter.begin('first', nowMs);
        begun.push(nowMs);
      }
      const count = meter.ask(nowMs, Infinity);
      if (count > 0) one.answer = { atMs: nowMs + answerMs, granted: reserve(count, nowMs) };
      const wakeAtMs = meter.wakeAtMs(nowMs) ?? meter.roomAtMs(nowMs);
      one.wakeAtMs = Math.max(nowMs + 1, Math.ceil(wakeAtMs) + lateMs);
    }
  }
  return begun;
}

/** In each window, however long, at most this many more than allowed. */
function excess(begun: number[], { perSecond, burst }: RateLimit): number {
  let most = -Infinity;
  for (let from = 0; from < begun.length; from += 1) {
    for (let to = from; to < begun.length; to += Math.max(1, Math.floor(begun.length / 300))) {
      const allowed = burst + ((begun[to]! - begun[from]!) / 1000) * perSecond;
      most = Math.max(most, to - from + 1 - allowed);
    }
  }
  return most;
}

const limits = fc.record({
  perSecond: fc.oneof(fc.double({ min: 0.2, max: 400, noNaN: true }), fc.constantFrom(1, 10, 100)),
  burst: fc.integer({ min: 1, max: 50 }),
});

describe('a rate', () => {
  it('is never exceeded in any window by one process, however late it wakes', () => {
    fc.assert(
      fc.property(limits, fc.nat({ max: 30 }), fc.nat({ max: 300 }), (limit, answerMs, lateMs) => {
        const begun = run({ limit, processes: 1, answerMs, lateMs }, 8_000);
        expect(excess(begun, limit)).toBeLessThanOrEqual(0.01 + (limit.perSecond * LATE_MS) / 1000);
      }),
      { numRuns: 60 },
    );
  });

  it('is not exceeded by several, beyond what they wait for their answers', () => {
    fc.assert(
      fc.property(
        limits,
        fc.integer({ min: 2, max: 4 }),
        fc.nat({ max: 20 }),
        (limit, processes, answerMs) => {
          const begun = run({ limit, processes, answerMs, lateMs: 0 }, 8_000);
          const jitterMs = answerMs + processes * (LATE_MS + 1);
          expect(excess(begun, limit)).toBeLessThanOrEqual(0.01 + (limit.perSecond * jitterMs) / 1000);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([1, 2, 4])('is used up where there is work, by %i processes', (processes) => {
    fc.assert(
      fc.property(limits, fc.nat({ max: 20 }), fc.nat({ max: 10 }), (limit, answerMs, lateMs) => {
        const seconds = Math.max(10, 30 / limit.perSecond);
        const begun = run({ limit, processes, answerMs, lateMs }, seconds * 1000);
        const most = limit.burst + seconds * limit.perSecond;
        expect(begun.length).toBeGreaterThanOrEqual(Math.floor(0.95 * most) - 1);
      }),
      { numRuns: 40 },
    );
  });

  it('that lets a crowd pass at once does so after a rest', () => {
    const limit = { perSecond: 10, burst: 1_000 };
    const begun = run({ limit, processes: 2, answerMs: 3, lateMs: 0 }, 3_000);
    expect(begun.filter((atMs) => atMs < 100).length).toBeGreaterThanOrEqual(1_000);
    expect(begun.length).toBeLessThanOrEqual(1_030);
  });
});

it.each([0.5, 0.1, 0.02])('%s a second is used up, also by processes that wake late', (perSecond) => {
  for (const processes of [1, 3]) {
    const begun = run({ limit: { perSecond, burst: 1 }, processes, answerMs: 40, lateMs: 100 }, 300_000);
    expect(begun.length).toBeGreaterThanOrEqual(Math.floor(0.95 * 300 * perSecond));
    expect(begun.length).toBeLessThanOrEqual(1 + 300 * perSecond);
  }
});

it('the lower the rate, the longer a turn is kept: losing it costs as much as the next takes to come', () => {
  const waits = [1_000, 10, 1, 0.1].map((perSecond) => patienceMs(perSecond, 500));
  expect(waits).toEqual([500, 500, 2_000, 4_000]);
});

it('a crowd that may pass at once loses nothing to a receiver that takes its time', () => {
  const limit = { perSecond: 1, burst: 100 };
  const reserve = bucket(limit);
  const meter = new Meter(limit);
  const ends: number[] = [];
  let begun = 0;
  for (let nowMs = 0; nowMs < 12_000; nowMs += 5) {
    while (ends[0]! <= nowMs) ends.shift();
    while (meter.enter('first', nowMs));
    const count = meter.ask(nowMs, 10 - ends.length);
    if (count > 0) meter.reserved(reserve(count, nowMs), nowMs);
    for (; ends.length < 10 && meter.isDue(nowMs); begun += 1) {
      meter.begin('first', nowMs);
      ends.push(nowMs + 1_000);
    }
  }
  expect(begun).toBeGreaterThanOrEqual(100);
});

describe('what waits', () => {
  const slow = { perSecond: 0.1, burst: 1 };

  it('waits elsewhere when nothing is due within a second', () => {
    const meter = new Meter(slow);
    expect(meter.enter('first', 0)).toBe(true);
    expect(meter.ask(0, Infinity)).toBe(1);
    expect(meter.reserved(bucket(slow)(1, 0), 0)).toBe(0);
    expect(meter.isDue(0)).toBe(true);
    meter.begin('first', 0);
    expect([meter.enter('first', 100), meter.room(100)]).toEqual([false, 0]);
    const roomAtMs = meter.roomAtMs(100);
    expect(roomAtMs).toBeGreaterThan(8_000);
    expect(meter.enter('retry', roomAtMs + 1)).toBe(true);
  });

  it('is sent away when another process has taken what there was', () => {
    const reserve = bucket(slow);
    reserve(1, 0);
    const meter = new Meter(slow);
    meter.enter('first', 0);
    meter.ask(0, Infinity);
    expect(meter.reserved(reserve(1, 0), 0)).toBe(1);
  });

  it.each(['retry', 'manual'] as const)('has its place however much there is of the others (%s)', (kind) => {
    const meter = new Meter({ perSecond: 5, burst: 1 });
    while (meter.enter('first', 0));
    expect(meter.enter(kind, 0)).toBe(true);
  });

  it('and is put off comes again one by one, not later than in a quarter of an hour', () => {
    const meter = new Meter({ perSecond: 10, burst: 1 });
    const delays = Array.from({ length: 10_000 }, () => meter.deferral(0, 0.5));
    for (const [n, delay] of delays.slice(1, 1_000).entries()) {
      expect(delay - delays[n]!).toBeGreaterThan(100);
    }
    expect(Math.max(...delays)).toBeLessThanOrEqual(MAX_DEFERRAL_MS);
  });
});

describe('a change of the limit', () => {
  it('counts at once, and pardons or forgets nothing that was used up', () => {
    const reserve = bucket({ perSecond: 0.1, burst: 1_000 });
    const meter = new Meter({ perSecond: 0.1, burst: 1_000 });
    while (meter.enter('first', 0));
    meter.ask(0, Infinity);
    meter.reserved(reserve(1_000, 0), 0);
    const fast = { perSecond: 100, burst: 1 };
    meter.change(fast, 0);
    // A bucket of one that is empty: no crowd, and no hours to wait either.
    expect(meter.isDue(0)).toBe(false);
    expect(meter.roomAtMs(0)).toBeLessThanOrEqual(1_000);
    meter.change({ perSecond: 0.1, burst: 1 }, 0);
    expect(meter.roomAtMs(0)).toBeGreaterThan(5_000);
  });
});
