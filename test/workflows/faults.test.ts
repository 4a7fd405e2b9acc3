/** Our own faults: Temporal repeats what failed, and nothing is lost or made twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedSchedule, startVirtualTime, type Flight, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime()));
afterAll(() => time.stop());

const failOn = (...calls: number[]) => {
  return (call: number) => {
    if (calls.includes(call)) throw new Error('the database is away');
  };
};

describe('an activity that fails', () => {
  it.each([
    ['before the first attempt', { before: failOn(1) }],
    ['after the first attempt, before it could say so', { after: failOn(1) }],
    ['before a retry', { before: failOn(2) }],
    ['after a retry, before it could say so', { after: failOn(2) }],
    ['three times in a row', { before: failOn(2, 3, 4) }],
  ])('%s is repeated, and every attempt is made once', async (_, faults) => {
    const flight = await time.deliver({
      schedule: fixedSchedule(5, 30),
      input: { deliveries: { e1: ['a', 'b'] } },
      answer: ({ number }) => (number === 3 ? 200 : 500),
      ...faults,
    });
    expect(await flight.end()).toEqual({ succeeded: 2 });
    expect(flight.made.map(({ id, number }) => `${id}${number}`)).toEqual([
      'a1',
      'b1',
      'a2',
      'b2',
      'a3',
      'b3',
    ]);
    expect(flight.calls.length).toBeGreaterThan(3);
  });
});

describe('a worker whose clock is ten minutes ahead for one attempt', () => {
  it('makes that delivery’s next one late, and keeps others of its set to their schedule', async () => {
    let flight: Flight | undefined = undefined;
    const nowMs = () => flight!.calls.at(-1)!.atMs;
    flight = await time.deliver({
      schedule: fixedSchedule(5, 30),
      input: { deliveries: { e1: ['a'], e2: ['b'] } },
      answer: ({ id, number }) =>
        id === 'a' && number === 2 ? { startedAtMs: nowMs() + 600_000 } : { statusCode: 500 },
    });
    expect(await flight.end()).toEqual({ failed: 2 });
    const waited = (of: string) => {
      const at = flight.made.filter(({ id }) => id === of).map(({ atMs }) => atMs);
      return at.slice(1).map((ms, index) => Math.floor((ms - at[index]!) / 10_000) * 10);
    };
    expect(waited('a')).toEqual([30, 630, 30, 30, 30]);
    // It may begin a few seconds early.
    expect(waited('b').every((seconds) => seconds === 20 || seconds === 30)).toBe(true);
  });
});

describe('an attempt whose log row could not be written', () => {
  it('is handed to recordAttempts with all that is needed to write it, and is not made again', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(5, 30),
      input: { deliveries: { e1: ['a', 'b'] } },
      answer: ({ id, number }) => ({
        statusCode: number === 3 ? 200 : 500,
        excerpt: `answer ${number}`,
        recorded: id === 'b' || number === 2,
      }),
    });
    expect(await flight.end()).toEqual({ succeeded: 2 });
    expect(flight.made).toHaveLength(6);
    expect(flight.recorded).toEqual([
      expect.objectContaining({ id: 'a', scheduledBefore: 0 }),
      expect.objectContaining({ id: 'a', scheduledBefore: 2 }),
    ]);
    expect(flight.recorded.map(({ outcome }) => outcome)).toMatchObject([
      { number: 1, statusCode: 500, excerpt: 'answer 1', schedule: { maxRetries: 5 } },
      { number: 3, statusCode: 200, excerpt: 'answer 3', schedule: { maxRetries: 5 } },
    ]);
  });

  it('is handed over for a delivery that it ends, too, and for each of several', async () => {
    const ids = ['a', 'b', 'c'];
    const flight = await time.deliver({
      input: { deliveries: { e1: ids } },
      answer: () => ({ statusCode: 200, recorded: false }),
    });
    expect(await flight.end()).toEqual({ succeeded: 3 });
    expect(flight.recorded.map(({ id }) => id)).toEqual(ids);
  });
});
