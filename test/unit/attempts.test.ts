/** Attempts made here: each once, whoever asks; what is noted on one counts for that one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAttempts, type Attempts } from '../../src/dispatch/attempts.ts';
import type { Slot } from '../../src/dispatch/gate.ts';
import type { Job } from '../../src/dispatch/job.ts';
import type { AttemptRequest, Stoppable } from '../../src/dispatch/make-attempt.ts';
import type { AttemptOutcome, Outcome } from '../../src/outcome.ts';

interface Making {
  number: number;
  state: Stoppable;
  slot: Slot | null;
  end(outcome: Outcome): void;
  fail(error: Error): void;
}

let attempts: Attempts;
let made: Making[];

beforeEach(() => {
  vi.useFakeTimers();
  made = [];
  attempts = createAttempts(
    (request, state, slot) =>
      new Promise((end, fail) => made.push({ number: request.job.number, state, slot, end, fail })),
  );
});
afterEach(() => void vi.useRealTimers());

function job(number: number): Job {
  const event = {
    id: 'evt',
    tenantId: 't',
    type: 'a.b',
    environment: 'live',
    timestamp: new Date(),
    data: '{}',
  };
  const rest = { trigger: 'schedule', scheduledCount: 0, status: 'pending', nextAttemptAtMs: null };
  return { deliveryId: 'dlv', endpointId: 'ep', event, number, ...rest } as Job;
}
const request = (number: number): AttemptRequest => ({
  job: job(number),
  trigger: 'schedule',
  chooseWorkflow: () => null,
});
const outcome = (number: number, recorded = true) =>
  ({ kind: 'attempt', number, recorded }) as AttemptOutcome;
const slot = () => ({ takenAtMs: 0, leave: vi.fn() });
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('an attempt', () => {
  it('that nobody waits for any more is not made, unless it is asked for again before its turn', async () => {
    const first = attempts.run(request(2));
    expect(attempts.giveUp('dlv', 2)).toBe(true);
    expect(made[0]!.state.stop).toBe('foreign');
    expect(attempts.find('dlv', 2)).toBeUndefined();
    const again = attempts.run(request(2));
    expect(made).toHaveLength(1);
    expect(made[0]!.state.stop).toBeNull();
    made[0]!.state.begun = true;
    expect(attempts.giveUp('dlv', 2)).toBe(false);
    made[0]!.end(outcome(2));
    expect(await Promise.all([first, again])).toEqual([outcome(2), outcome(2)]);
  });

  it('is made once, and whoever asks for the same number has its outcome', async () => {
    const both = [attempts.run(request(1)), attempts.run(request(1)), attempts.find('dlv', 1)!];
    expect(made).toHaveLength(1);
    made[0]!.end(outcome(1));
    expect(await Promise.all(both)).toEqual(Array(3).fill(outcome(1)));
    expect(attempts.find('dlv', 2)).toBeUndefined();
    void attempts.run(request(2));
    expect(made.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('that broke down on our side is made anew for whoever asks again', async () => {
    const first = attempts.run(request(1));
    made[0]!.fail(new Error('ours'));
    await expect(first).rejects.toThrow('ours');
    void attempts.run(request(1));
    expect(made).toHaveLength(2);
  });

  it('whose successor is under way does not take that one with it when it breaks down', async () => {
    const first = attempts.run(request(1));
    void attempts.run(request(2));
    made[0]!.fail(new Error('ours'));
    await expect(first).rejects.toThrow('ours');
    expect(attempts.find('dlv', 2)).toBeDefined();
  });

  it('is remembered for half a minute, or until its workflow has been told', async () => {
    void attempts.run(request(1));
    made[0]!.end(outcome(1));
    await settle();
    expect(attempts.has('dlv')).toBe(true);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(attempts.has('dlv')).toBe(false);

    void attempts.run(request(2));
    made[1]!.end(outcome(2));
    await settle();
    attempts.forget('dlv', 1);
    expect(attempts.has('dlv')).toBe(true);
    attempts.forget('dlv', 2);
    expect(attempts.has('dlv')).toBe(false);
  });

  it('that is not in the log is kept until its workflow has had time to write it', async () => {
    void attempts.run(request(1));
    made[0]!.end(outcome(1, false));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(attempts.has('dlv')).toBe(true);
    attempts.forget('dlv', 1);
    expect(attempts.has('dlv')).toBe(true);
    await vi.advanceTimersByTimeAsync(320_000);
    expect(attempts.has('dlv')).toBe(false);
  });
});

describe('an attempt that was not in the log at first', () => {
  async function unrecorded(): Promise<void> {
    void attempts.run(request(1));
    made[0]!.end(outcome(1, false));
    await settle();
  }

  it('is forgotten soon after it has come there, whether a workflow has asked for it or not', async () => {
    await unrecorded();
    attempts.noteLate('dlv', 1, true);
    expect(attempts.has('dlv')).toBe(true);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(attempts.has('dlv')).toBe(false);
    expect(attempts.find('dlv', 1)).toBeUndefined();
  });

  it('keeps its delivery from nobody once it will not be written here, and is not made again here', async () => {
    await unrecorded();
    attempts.noteLate('dlv', 1, false);
    expect(attempts.has('dlv')).toBe(true);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(attempts.has('dlv')).toBe(false);
    expect(await attempts.run(request(1))).toEqual(outcome(1, false));
    expect(made).toHaveLength(1);
  });
});

describe('a cancellation', () => {
  it('stops the attempt that waits, and not a later one by hand', async () => {
    void attempts.run(request(1));
    attempts.cancel('dlv');
    attempts.disown();
    expect(made[0]!.state.stop).toBe('cancelled');
    made[0]!.end({ kind: 'cancelled' });
    await settle();
    void attempts.run(request(2));
    expect(made[1]!.state.stop).toBeNull();
  });

  it('that comes after the attempt does not silence the next one', async () => {
    void attempts.run(request(1));
    made[0]!.end(outcome(1));
    await settle();
    attempts.cancel('dlv');
    void attempts.run(request(2));
    expect(made[1]!.state.stop).toBeNull();
  });
});

describe('a reserved slot', () => {
  it('is used by the attempt it was kept for', () => {
    const kept = slot();
    attempts.reserve('dlv', kept);
    void attempts.run(request(1));
    expect(made[0]!.slot).toBe(kept);
    void attempts.run(request(2));
    expect(made[1]!.slot).toBeNull();
  });

  it.each(['cancel', 'disown', 'forget'] as const)('is given back by %s', (how) => {
    const kept = slot();
    attempts.reserve('dlv', kept);
    attempts[how]('dlv', 1);
    expect(kept.leave).toHaveBeenCalledTimes(1);
  });

  it('is given back when nobody asks for it, or another takes its place', async () => {
    const [first, second] = [slot(), slot()];
    attempts.reserve('dlv', first);
    attempts.reserve('dlv', second);
    expect(first.leave).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(second.leave).toHaveBeenCalledTimes(1);
    expect(first.leave).toHaveBeenCalledTimes(1);
  });
});
