/** Workflows that live long go on in new runs before their history grows too long, and nothing is lost on the way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelDelivery } from '../../workflows/messages.ts';
import { eventually, expectDelays } from '../support/delays.ts';
import {
  fixedSchedule,
  hanging,
  startVirtualTime,
  type Flight,
  type VirtualTime,
} from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime()));
afterAll(() => time.stop());

/** Every run of the chain, the newest first: how many events it had. */
async function runs(flight: Flight): Promise<number[]> {
  const lengths: number[] = [];
  let runId: string | undefined;
  do {
    const { events } = await time.env.client.workflow.getHandle(flight.id, runId).fetchHistory();
    lengths.push(events!.length);
    runId = events![0]!.workflowExecutionStartedEventAttributes!.continuedExecutionRunId || undefined;
  } while (runId);
  return lengths;
}

const expectNoneTwice = ({ made }: Flight) => {
  const keys = made.map(({ id, number }) => `${id} ${number}`);
  expect(new Set(keys).size).toBe(keys.length);
};

describe('a lone delivery', () => {
  it('keeps its schedule to the second over several runs, and fails as in one', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(12, 60, 600),
      answer: () => 500,
      input: { deliveries: { e1: ['long'] }, eventsPerRun: 30 },
    });
    await expect(flight.handle.result()).rejects.toMatchObject({
      cause: { type: 'DeliveryFailed', message: 'HTTP 500 after 13 attempts' },
    });
    expectDelays(flight, [60, ...Array<number>(11).fill(600)]);
    expect(flight.made.map(({ number }) => number)).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
    expect((await runs(flight)).length).toBeGreaterThan(2);
    // The first run took it over, and the others went on.
    expect(flight.calls.filter(({ first }) => first)).toHaveLength(1);
    expect((await flight.handle.describe()).searchAttributes.PosthornOutcome).toEqual([
      'failed',
      'failed:e1',
    ]);
  });
});

/** Fifty thousand attempts in hundreds of steps take some seconds, and on a machine that does much else minutes. */
const LONG_MS = 1_200_000;

describe('a set', () => {
  it(
    'of 500 with 100 retries each, and scattered Retry-Afters, lives through',
    { timeout: LONG_MS },
    async () => {
      const ids = Array.from({ length: 500 }, (_, i) => `m${i}`);
      const minutes = (id: string, number: number) => 1 + ((Number(id.slice(1)) * 7 + number * 13) % 2);
      const flight = await time.deliver({
        schedule: fixedSchedule(100, 60),
        // Every tenth succeeds in the end.
        answer: ({ id, number }) =>
          number === 101 && id.endsWith('0')
            ? 200
            : { statusCode: 503, retryAfterSeconds: 60 * minutes(id, number) },
        input: { deliveries: { e1: ids.slice(0, 250), e2: ids.slice(250) }, eventsPerRun: 300 },
      });
      expect(await flight.end()).toEqual({ succeeded: 50, failed: 450 });
      expect(flight.made).toHaveLength(500 * 101);
      expectNoneTwice(flight);
      const lengths = await runs(flight);
      expect(lengths.length).toBeGreaterThan(3);
      expect(Math.max(...lengths)).toBeLessThan(500);
      const outcome = (await flight.handle.describe()).searchAttributes.PosthornOutcome;
      expect([...outcome!].sort()).toEqual(['failed', 'failed:e1', 'failed:e2', 'succeeded']);
    },
  );

  it('goes on with what is open, and counts what ended before', async () => {
    const flight = await time.deliver({
      schedule: fixedSchedule(8, 600),
      answer: ({ id, number }) =>
        id === 'quick' ? 200 : id === 'gone' ? 410 : id === 'paused' && number === 2 ? 'held' : 500,
      input: {
        deliveries: { e1: ['quick', 'never'], e2: ['gone', 'dropped'], e3: ['paused'] },
        eventsPerRun: 25,
      },
    });
    await eventually(() => expect(flight.made).toHaveLength(5));
    await time.env.sleep('35 minutes');
    await flight.handle.signal(cancelDelivery, 'dropped' as never);
    expect(await flight.end()).toEqual({ succeeded: 1, failed: 2, cancelled: 1, held: 1 });
    expect((await runs(flight)).length).toBeGreaterThan(1);
    const { searchAttributes } = await flight.handle.describe();
    expect([...searchAttributes.PosthornOutcome!].sort()).toEqual(
      [
        'succeeded',
        'failed',
        'failed:e1',
        'failed:e2',
        'cancelled',
        'cancelled:e2',
        'held',
        'held:e3',
      ].sort(),
    );
  });

  it('lets what is under way finish first, and begins nothing new when its history is far too long', async () => {
    const slow = hanging('slow');
    const flight = await time.deliver({
      schedule: fixedSchedule(30, 0.3),
      answer: (order) => slow.answer(order) ?? 500,
      before: slow.before,
      input: { deliveries: { slow: ['slow'], quick: ['quick'] }, eventsPerRun: 30 },
    });
    const end = flight.end();
    const made = (id: string) => flight.made.filter((attempt) => attempt.id === id).length;
    // Beyond the length at which a new run is due: one that hangs stops nobody.
    await eventually(() => expect(made('quick')).toBeGreaterThan(6));
    await eventually(async () =>
      expect((await flight.handle.fetchHistory()).events!.length).toBeGreaterThan(115),
    );
    expect(made('slow')).toBe(1);
    slow.release();
    expect(await end).toEqual({ failed: 2 });
    expect([made('slow'), made('quick')]).toEqual([31, 31]);
    expectNoneTwice(flight);
    const lengths = await runs(flight);
    expect(lengths.length).toBeGreaterThan(2);
    expect(Math.max(...lengths)).toBeLessThan(4 * 30 + 20);
  });
});

describe('the log', () => {
  it('is waited for by no schedule, and is complete before the workflow ends', async () => {
    let release = () => {};
    const away = new Promise<void>((resolve) => (release = resolve));
    const written: number[] = [];
    await time.stop();
    time = await startVirtualTime({
      async recordAttempts({ attempts }) {
        await away;
        written.push(...attempts.map(({ outcome }) => outcome.number));
      },
    });
    const flight = await time.deliver({
      schedule: fixedSchedule(3, 1),
      answer: () => ({ statusCode: 500, recorded: false }),
    });
    await eventually(() => expect(flight.made).toHaveLength(4));
    expect(written).toEqual([]);
    expect((await flight.handle.describe()).status.name).toBe('RUNNING');
    release();
    expect(await flight.end()).toEqual({ failed: 1 });
    expect(written).toEqual([1, 2, 3, 4]);
  });
});
