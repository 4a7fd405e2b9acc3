/** What people do to a delivery while it is under way, and after it has ended. */
import { CancelledFailure, WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelDelivery, retryNow, stateQuery } from '../../workflows/messages.ts';
import { eventually, expectDelays, expectOnTime } from '../support/delays.ts';
import { fixedSchedule, startVirtualTime, type Flight, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime()));
afterAll(() => time.stop());

const HOUR_MS = 3_600_000;
const retry = (flight: Flight, deliveryId = flight.id, after?: number) =>
  flight.handle.signal(retryNow, { deliveryId, after });
const stateOf = async (flight: Flight) => (await flight.handle.query(stateQuery))[0]!;
const attempts = (flight: Flight, count: number) => eventually(() => expect(flight.made).toHaveLength(count));

/** Fails its first attempt, and then waits for an hour, and another. */
async function waiting(later: number): Promise<Flight> {
  const flight = await time.deliver({
    schedule: fixedSchedule(2, 3600),
    answer: ({ number }) => (number === 1 ? 500 : later),
  });
  await attempts(flight, 1);
  await eventually(async () => expect((await stateOf(flight)).status).toBe('waiting'));
  return flight;
}

describe('a manual retry of a waiting delivery', () => {
  it('is one more attempt at once and leaves the schedule as it was', async () => {
    const flight = await waiting(500);
    await time.env.sleep('20 minutes');
    const { nextAttemptAtMs } = await stateOf(flight);
    expect(nextAttemptAtMs).toBe(flight.made[0]!.endedAtMs + HOUR_MS);
    await retry(flight);
    await attempts(flight, 2);
    await eventually(async () =>
      expect(await stateOf(flight)).toEqual({
        id: flight.id,
        status: 'waiting',
        result: null,
        attempts: 2,
        nextAttemptAtMs,
      }),
    );
    expect(await flight.end()).toEqual({ failed: 1 });
    const [first, manual, second, third] = flight.made;
    expect(flight.made).toMatchObject([
      { number: 1, manual: false },
      { number: 2, manual: true },
      { number: 3, manual: false },
      { number: 4, manual: false },
    ]);
    expect(Math.floor((manual!.atMs - first!.endedAtMs) / 60_000)).toBe(20);
    expectOnTime(flight, second!.atMs, first!.endedAtMs + HOUR_MS);
    expectOnTime(flight, third!.atMs, second!.endedAtMs + HOUR_MS);
  });

  it('ends the delivery when it succeeds', async () => {
    const flight = await waiting(200);
    await retry(flight);
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expect(flight.made).toMatchObject([{ manual: false }, { manual: true }]);
    expect(flight.made[1]!.atMs - flight.made[0]!.endedAtMs).toBeLessThan(HOUR_MS);
  });

  it('is made once, however often it was asked for while under way', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const flight = await time.deliver({
      schedule: fixedSchedule(1, 3600),
      answer: ({ number }) => (number === 1 ? 500 : 200),
      before: (call) => (call === 2 ? held : undefined),
    });
    await attempts(flight, 1);
    await retry(flight);
    await eventually(() => expect(flight.calls).toHaveLength(2));
    await retry(flight);
    await retry(flight);
    release();
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expect(flight.made).toHaveLength(2);
  });

  it('is made at once, though whoever asks knows of attempts that were made elsewhere', async () => {
    const flight = await waiting(200);
    await retry(flight, flight.id, 3);
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expect(flight.made).toMatchObject([{ number: 1 }, { number: 4, manual: true }]);
    expect(flight.made[1]!.atMs - flight.made[0]!.endedAtMs).toBeLessThan(HOUR_MS / 2);
  });

  it('that was asked for after an attempt of which the workflow has yet to hear follows that attempt', async () => {
    const flight = await time.deliver({
      answer: () => 200,
      signal: { name: 'retryNow', deliveryId: `d${time.delivered() + 1}`, after: 1 },
    });
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expect(flight.made).toMatchObject([
      { number: 1, manual: false },
      { number: 2, manual: true },
    ]);
  });

  it('of a delivery that the workflow does not carry does nothing', async () => {
    const flight = await waiting(200);
    await retry(flight, 'somebody-else');
    await flight.handle.signal(cancelDelivery, { deliveryId: 'somebody-else' });
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expectDelays(flight, [3600]);
  });
});

describe('a retry of a delivery that has ended', () => {
  it.each([
    ['succeeds', 200, { succeeded: 1 }],
    ['fails', 500, { failed: 1 }],
  ])('starts a workflow for exactly one manual attempt, which %s', async (_, status, result) => {
    const id = `ended-${status}`;
    const flight = await time.deliver({
      schedule: fixedSchedule(9, 10),
      answer: () => status,
      input: {
        deliveries: { e1: [id] },
        progress: { [id]: { attempts: 7, scheduled: 6, dueAtMs: null, ended: 'failed' } },
      },
      signal: { name: 'retryNow', deliveryId: id },
    });
    expect(await flight.end()).toEqual(result);
    expect(flight.calls).toMatchObject([{ orders: [{ id, number: 8, manual: true }] }]);
  });

  it('whose workflow was lost makes the manual attempt and keeps to the schedule', async () => {
    const id = 'lost';
    const dueAtMs = (await time.env.currentTimeMs()) + HOUR_MS;
    const flight = await time.deliver({
      schedule: fixedSchedule(3, 10),
      answer: ({ number }) => (number === 4 ? 200 : 500),
      input: { deliveries: { e1: [id] }, progress: { [id]: { attempts: 2, scheduled: 2, dueAtMs } } },
      signal: { name: 'retryNow', deliveryId: id },
    });
    expect(await flight.end()).toEqual({ succeeded: 1 });
    expect(flight.made).toMatchObject([
      { number: 3, manual: true },
      { number: 4, manual: false },
    ]);
    expectOnTime(flight, flight.made[1]!.atMs, dueAtMs);
  });
});

describe('cancelling', () => {
  it('ends a waiting delivery without another attempt', async () => {
    const flight = await waiting(200);
    await flight.handle.signal(cancelDelivery, { deliveryId: flight.id });
    expect(await flight.end()).toEqual({ cancelled: 1 });
    expect(flight.made).toHaveLength(1);
    const { closeTime } = await flight.handle.describe();
    expect(closeTime!.getTime() - flight.made[0]!.endedAtMs).toBeLessThan(HOUR_MS / 2);
  });

  it.each([
    ['fails', 500, { cancelled: 1 }],
    ['succeeds', 200, { succeeded: 1 }],
  ])('lets an attempt under way finish, which %s', async (_, status, result) => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const flight = await time.deliver({
      schedule: fixedSchedule(9, 3600),
      answer: ({ number }) => (number === 1 ? 500 : status),
      before: (call) => (call === 2 ? held : undefined),
    });
    await attempts(flight, 1);
    await retry(flight);
    await eventually(async () => expect((await stateOf(flight)).status).toBe('attempting'));
    await flight.handle.signal(cancelDelivery, { deliveryId: flight.id });
    release();
    expect(await flight.end()).toEqual(result);
    expect(flight.made).toHaveLength(2);
  });

  it('the workflow itself cancels the deliveries that it carried', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(9, 3600),
      input: { deliveries: { e1: ['done', 'one'], e2: ['two'] } },
      answer: ({ id }) => (id === 'done' ? 200 : 500),
    });
    await attempts(flight, 3);
    await flight.handle.cancel();
    const error: unknown = await flight.handle.result().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    expect((await flight.handle.describe()).status.name).toBe('CANCELLED');
    expect(flight.cancelled.sort()).toEqual(['one', 'two']);
    expect(flight.made).toHaveLength(3);
  });
});
