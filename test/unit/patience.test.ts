import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPatience, PATIENCE_MS, SILENCE_MS, TooLate, type Caller } from '../../src/accept/patience.ts';
import { Overloaded } from '../../src/batcher.ts';
import { Problem } from '../../src/problem.ts';
import { QUERY_TIMEOUT_MS } from '../../src/store/pool.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lost = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const never = () => new Promise<never>(() => {});
/** What it came to; null: nothing yet. */
function watch<T>(work: Promise<T>) {
  const seen: { result: T | Problem | null } = { result: null };
  work.then(
    (result) => (seen.result = result),
    (error: Problem) => (seen.result = error),
  );
  return seen;
}

describe('trying on', () => {
  it('goes on while Postgres is away, and tells later tries from the first', async () => {
    const tries: boolean[] = [];
    const { tryOn, trouble } = createPatience();
    const seen = watch(
      tryOn(async (again) => {
        tries.push(again);
        if (tries.length < 3) throw lost();
        return 'done';
      }),
    );
    await vi.advanceTimersByTimeAsync(1_000);
    expect([seen.result, tries, trouble()]).toEqual(['done', [false, true, true], null]);
  });

  it('ends after a few seconds, with words that say so, which are forgotten after a while or a write', async () => {
    const { tryOn, trouble, written } = createPatience();
    const seen = watch(tryOn(() => Promise.reject(lost())));
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1_000);
    expect(seen.result).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen.result).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
    expect(trouble()).toBe('Postgres cannot be reached');
    written();
    expect(trouble()).toBeNull();
  });

  it('ends at once for what is too old to be tried again, and says why it had failed', async () => {
    const { tryOn, trouble } = createPatience();
    const full = Object.assign(new Error('No space left on device'), { code: '53100' });
    const seen = watch(
      tryOn((again) => {
        throw again ? new TooLate(full) : full;
      }),
    );
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen.result).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
    expect(trouble()).toBe('Postgres has no space left on its disk');
  });

  it('does not try again for what has nothing to do with the connection, or with too much to do', async () => {
    const { tryOn } = createPatience();
    await expect(tryOn(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
    await expect(tryOn(() => Promise.reject(new Overloaded('full')))).rejects.toThrow('Too many events');
  });
});

describe('a caller', () => {
  it('is answered with what the work comes to', async () => {
    const { inTime } = createPatience();
    expect(await inTime(() => Promise.resolve(1))).toBe(1);
    await expect(inTime(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told when Postgres has been silent for too long, and then counts as gone', async () => {
    const { inTime, trouble } = createPatience();
    let caller: Caller | undefined;
    const seen = watch(inTime((one) => ((caller = one), never())));
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    expect([seen.result, caller!.gone]).toEqual([null, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.result).toBeInstanceOf(Problem);
    expect((seen.result as Problem).message).toMatch(/does not answer.*same id.*may have been accepted/);
    expect([caller!.gone, trouble()]).toEqual([true, 'Postgres does not answer']);
  });

  it('waits on for as long as Postgres goes on writing, be it for others', async () => {
    const { inTime, written } = createPatience();
    const seen = watch(inTime(never));
    for (let seconds = 0; seconds < 30; seconds += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      written();
    }
    expect(seen.result).toBeNull();
    await vi.advanceTimersByTimeAsync(SILENCE_MS);
    expect(seen.result).toBeInstanceOf(Problem);
  });

  it('hears the error of a statement that takes too long, before it is told of silence', () => {
    expect(SILENCE_MS).toBeGreaterThan(QUERY_TIMEOUT_MS.requests);
    expect(PATIENCE_MS).toBeLessThan(QUERY_TIMEOUT_MS.requests);
  });
});
