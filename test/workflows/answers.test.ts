/** What an endpoint's answer, or the lack of one, does to the rest of the schedule. */
import { setTimeout as realSleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SkippedOutcome } from '../../src/outcome.ts';
import { expectDelays, expectOnTime } from '../support/delays.ts';
import { fixedSchedule, startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime()));
afterAll(() => time.stop());

const DAY = 24 * 3600;

describe('Retry-After', () => {
  it.each([
    ['lengthens a delay', 90, [90, 60]],
    ['never shortens one', 3, [10, 60]],
    ['counts for 24 h at most', 3 * DAY, [DAY, 60]],
  ])('%s', async (_, retryAfterSeconds, seconds) => {
    const flight = await time.deliver({
      schedule: fixedSchedule(2, 10, 60),
      answer: ({ number }) => (number === 1 ? { statusCode: 429, retryAfterSeconds } : 500),
    });
    expect(await flight.end()).toEqual({ failed: 1 });
    expectDelays(flight, seconds);
  });

  it('does not revive a schedule that is used up', async () => {
    const flight = await time.deliver({ answer: () => ({ statusCode: 503, retryAfterSeconds: 60 }) });
    expect(await flight.end()).toEqual({ failed: 1 });
    expect(flight.made).toHaveLength(1);
  });
});

describe('a delivery', () => {
  it.each([
    ['ends with its first success', [500, 503, 204, 500], { succeeded: 1 }, 3],
    ['ends when the endpoint says it is gone', [500, 410, 200], { failed: 1 }, 2],
    ['goes on after an answer that never came', [null, null, 200], { succeeded: 1 }, 3],
  ])('%s', async (_, statuses, result, attempts) => {
    const flight = await time.deliver({
      schedule: fixedSchedule(9, 10),
      answer: ({ number }) => ({ statusCode: statuses[number - 1] ?? null }),
    });
    expect(await flight.end()).toEqual(result);
    expect(flight.made).toHaveLength(attempts);
  });

  it.each<[SkippedOutcome['kind'], number, number]>([
    ['held', 1, 0],
    ['cancelled', 1, 0],
    ['missing', 1, 0],
    ['foreign', 1, 0],
    ['held', 2, 1],
    ['cancelled', 2, 1],
    ['missing', 2, 1],
    ['foreign', 2, 1],
  ])('that turns out %s at attempt %i ends there', async (kind, at, made) => {
    const flight = await time.deliver({
      schedule: fixedSchedule(9, 10),
      answer: ({ number }) => (number === at ? kind : 500),
    });
    expect(await flight.end()).toEqual({ [kind]: 1 });
    expect(flight.made).toHaveLength(made);
  });
});

describe('a delay', () => {
  it('counts from the end of the attempt, not from its beginning', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(1, 10),
      answer: () => ({ statusCode: 500, durationMs: 4_000 }),
    });
    await flight.end();
    const [first, second] = flight.made;
    expectDelays(flight, [10]);
    expectOnTime(flight, second!.atMs, first!.atMs + 14_000);
  });

  it.each([
    ['first', 1],
    ['second', 2],
  ])('is none the longer for a slow %s attempt', async (_, slow) => {
    const tookMs = 2_500;
    const flight = await time.deliver({
      schedule: fixedSchedule(2, 10),
      answer: ({ number }) => ({ statusCode: 500, durationMs: number === slow ? tookMs : 0 }),
      after: (call) => (call === slow ? realSleep(tookMs) : undefined),
    });
    await flight.end();
    expectDelays(flight, [10, 10]);
  });
});

describe('a delivery taken over with some of its schedule behind it', () => {
  it('waits until it is due, without an attempt before that, and goes on from there', async () => {
    const id = 'taken-over';
    const dueAtMs = (await time.env.currentTimeMs()) + 3_600_000;
    const flight = await time.deliver({
      schedule: fixedSchedule(4, 10, 60, 300, 900),
      answer: () => 500,
      input: { deliveries: { e1: [id] }, progress: { [id]: { attempts: 4, scheduled: 3, dueAtMs } } },
    });
    expect(await flight.end()).toEqual({ failed: 1 });
    expect(flight.calls[0]).toMatchObject({ first: true, orders: [{ id, number: 5, waiting: true }] });
    expect(flight.made.map(({ number }) => number)).toEqual([5, 6]);
    expectOnTime(flight, flight.made[0]!.atMs, dueAtMs);
    expectDelays(flight, [900]);
  });

  it('is attempted at once when nothing says how long to wait', async () => {
    const id = 'left-behind';
    const progress = { [id]: { attempts: 1, scheduled: 1, dueAtMs: null } };
    const flight = await time.deliver({
      answer: () => 200,
      input: { deliveries: { e1: [id] }, progress },
    });
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expect(flight.calls).toMatchObject([{ first: true, orders: [{ id, number: 2 }] }]);
    expect(flight.calls[0]!.orders[0]).not.toHaveProperty('waiting');
  });
});
