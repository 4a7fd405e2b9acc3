/** Many deliveries in one workflow. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelDelivery, retryNow, stateQuery } from '../../workflows/messages.ts';
import { eventually, expectOnTime } from '../support/delays.ts';
import { fixedSchedule, hanging, startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime()));
afterAll(() => time.stop());

const idsOf = (endpoint: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${endpoint}-${i}`);

describe('300 deliveries to three endpoints', () => {
  // Of each endpoint's hundred, the first 50 succeed at once, the next 30 at the second attempt; of the last 20,
  // ten succeed at the third, and ten never.
  const succeedsAt = (id: string) => {
    const index = Number(id.split('-')[1]);
    return index < 50 ? 1 : index < 80 ? 2 : index < 90 ? 3 : Infinity;
  };
  const deliveries = Object.fromEntries(['e1', 'e2', 'e3'].map((e) => [e, idsOf(e, 100)]));

  it('are retried together, and none that has ended', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(3, 10, 60, 300),
      input: { deliveries },
      answer: ({ id, number }) => (number >= succeedsAt(id) ? 200 : 500),
    });
    expect(await flight.end()).toEqual({ succeeded: 270, failed: 30 });

    expect(flight.calls.map((call) => call.orders.length)).toEqual([300, 150, 60, 30]);
    for (const { orders } of flight.calls) expect(new Set(orders.map(({ number }) => number)).size).toBe(1);
    const made = new Map<string, number>();
    for (const { id } of flight.made) made.set(id, (made.get(id) ?? 0) + 1);
    for (const id of Object.values(deliveries).flat()) expect(made.get(id)).toBe(Math.min(succeedsAt(id), 4));

    const rounds = [...new Set(flight.made.map(({ number }) => number))].map((number) =>
      flight.made.find((attempt) => attempt.number === number)!,
    );
    [10, 60, 300].forEach((delay, i) =>
      expectOnTime(flight, rounds[i + 1]!.atMs, rounds[i]!.endedAtMs + delay * 1000),
    );
    const { searchAttributes } = await flight.handle.describe();
    expect(searchAttributes.PosthornOutcome).toEqual(
      expect.arrayContaining(['succeeded', 'failed', 'failed:e1', 'failed:e2', 'failed:e3']),
    );
  });
});

describe('each delivery of a set', () => {
  it('has a schedule, retries and an end of its own', async () => {
    const byId: Record<string, number> = { ok: 200, gone: 410, asks: 429, never: 500 };
    const flight = await time.deliver({
      schedule: fixedSchedule(2, 600),
      input: { deliveries: { e1: ['ok', 'gone', 'asks', 'never', 'dropped'], e2: ['paused'] } },
      answer: ({ id, number, manual }) => {
        if (id === 'paused') return number === 1 ? 500 : 'held';
        if (id === 'asks')
          return { statusCode: manual ? 200 : 429, retryAfterSeconds: number === 1 ? 7200 : null };
        return byId[id] ?? 500;
      },
    });
    await eventually(() => expect(flight.made).toHaveLength(6));
    await flight.handle.signal(cancelDelivery, { deliveryId: 'dropped' });
    await time.env.sleep('30 minutes');
    await eventually(async () =>
      expect(
        (await flight.handle.query(stateQuery)).map(({ id, status, result }) => [id, result ?? status]),
      ).toEqual([
        ['ok', 'succeeded'],
        ['gone', 'failed'],
        ['asks', 'waiting'],
        ['never', 'failed'],
        ['dropped', 'cancelled'],
        ['paused', 'held'],
      ]),
    );
    await flight.handle.signal(retryNow, { deliveryId: 'asks' });
    expect(await flight.end()).toEqual({ succeeded: 2, failed: 2, cancelled: 1, held: 1 });
    const attempts = (id: string) => flight.made.filter((attempt) => attempt.id === id);
    expect(['ok', 'gone', 'asks', 'never', 'dropped', 'paused'].map((id) => attempts(id).length)).toEqual([
      1, 1, 2, 3, 1, 1,
    ]);
    expect(attempts('asks')[1]!.manual).toBe(true);
    const { searchAttributes } = await flight.handle.describe();
    expect(searchAttributes.PosthornOutcome).toEqual(
      expect.arrayContaining(['succeeded', 'failed', 'failed:e1', 'cancelled:e1', 'held', 'held:e2']),
    );
  });

  it('can be sent again while others of the set still wait', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(1, 3600),
      input: { deliveries: { e1: ['done', 'waits'] } },
      answer: ({ id, number }) => (id === 'done' || number === 2 ? 200 : 500),
    });
    await eventually(() => expect(flight.made).toHaveLength(2));
    await flight.handle.signal(retryNow, { deliveryId: 'done' });
    expect(await flight.end()).toEqual({ succeeded: 2 });
    expect(flight.made).toMatchObject([
      { id: 'done', number: 1, manual: false },
      { id: 'waits', number: 1, manual: false },
      { id: 'done', number: 2, manual: true },
      { id: 'waits', number: 2, manual: false },
    ]);
  });

  it('stays succeeded when it is sent again and the endpoint says it is gone', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(1, 3600),
      input: { deliveries: { e1: ['done', 'waits'] } },
      answer: ({ id, manual }) => (manual ? 410 : id === 'done' ? 200 : 500),
    });
    await eventually(() => expect(flight.made).toHaveLength(2));
    await flight.handle.signal(retryNow, { deliveryId: 'done' });
    expect(await flight.end()).toEqual({ succeeded: 1, failed: 1 });
  });

  it('is not held up by another endpoint that is slow to answer', async () => {
    const slow = hanging('s');
    const flight = await time.deliver({
      schedule: fixedSchedule(3, 1),
      input: { deliveries: { slow: ['s'], quick: ['q'] } },
      answer: (order) => slow.answer(order) ?? (order.id === 'q' && order.number === 4 ? 200 : 500),
      before: slow.before,
    });
    const result = flight.end();
    await eventually(() => expect(flight.made.filter(({ id }) => id === 'q')).toHaveLength(4));
    expect(flight.made.filter(({ id }) => id === 's')).toHaveLength(1);
    slow.release();
    expect(await result).toEqual({ succeeded: 1, failed: 1 });
  });

  it('that is sent again by hand while it hangs is waited for, and nobody else is', async () => {
    const slow = hanging('s');
    const flight = await time.deliver({
      schedule: fixedSchedule(2, 1),
      input: { deliveries: { slow: ['s'], quick: ['q'] } },
      answer: (order) => slow.answer(order) ?? 500,
      before: slow.before,
    });
    const result = flight.end();
    await eventually(() => expect(flight.made.filter(({ id }) => id === 'q')).toHaveLength(3));
    await flight.handle.signal(retryNow, { deliveryId: 's', after: 1 });
    await flight.handle.signal(cancelDelivery, { deliveryId: 'q' });
    slow.release();
    expect(await result).toEqual({ failed: 2 });
    const numbers = flight.made.filter(({ id }) => id === 's').map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toEqual([1, 2, 3, 4].slice(0, numbers.length));
  });
});
