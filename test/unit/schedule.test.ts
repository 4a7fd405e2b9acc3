import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadProfiles } from '../../src/profiles/index.ts';
import {
  effectiveSchedule,
  jitterDraw,
  nextDelayMs,
  RETRY_AFTER_CAP_SECONDS,
  type RetrySchedule,
  type RetrySettings,
} from '../../src/schedule.ts';
import { builtIn } from './profiles-fixtures.ts';

/** `random` that leaves a delay as it is. */
const MIDDLE = 0.5;
const UNSET: RetrySettings = {
  maxRetries: null,
  retryInterval: null,
  retryDelaySeconds: null,
  retryScheduleSeconds: null,
};

/** Every wait of a delivery that never succeeds, in seconds. */
function waits(schedule: RetrySchedule, random = MIDDLE): number[] {
  const seconds: number[] = [];
  for (let attempts = 1; attempts < 1000; attempts++) {
    const delayMs = nextDelayMs(schedule, attempts, null, random);
    if (delayMs === null) return seconds;
    seconds.push(delayMs / 1000);
  }
  throw new Error('the schedule does not end');
}

function ownSchedule(profile: string, settings: Partial<RetrySettings>): RetrySchedule {
  const { schedule, exponentialSeconds } = builtIn(profile);
  return effectiveSchedule({ ...UNSET, ...settings }, schedule, exponentialSeconds);
}

const anySchedule: fc.Arbitrary<RetrySchedule> = fc.record({
  delaysSeconds: fc.array(fc.integer({ min: 0, max: 86_400 }), { minLength: 1, maxLength: 12 }),
  maxRetries: fc.integer({ min: 0, max: 20 }),
  jitter: fc.double({ min: 0, max: 0.5, noNaN: true }),
});
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("the profiles' schedules, to the second", () => {
  it.each([
    ['standard', [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400], '75:35:05'],
    ['8bit', [10, 60, 300, 900, 3600, 21_600], '7:21:10'],
    ['agentbot', [60, 300, 1800, 10_800], '3:36:00'],
    ['eev', [10, 60, 300, 900, 3600], '1:21:10'],
  ])('%s', (name, expected, total) => {
    const seconds = waits(builtIn(name).schedule);
    expect(seconds).toEqual(expected);
    const sum = seconds.reduce((a, b) => a + b, 0);
    const clock = [Math.floor(sum / 3600), Math.floor(sum / 60) % 60, sum % 60];
    expect(clock.map((n, i) => (i === 0 ? n : String(n).padStart(2, '0'))).join(':')).toBe(total);
    expect(waits(ownSchedule(name, {}))).toEqual(expected);
  });

  it('has jitter in the standard profile only', () => {
    expect(
      loadProfiles()
        .names()
        .map((name) => [name, builtIn(name).schedule.jitter]),
    ).toEqual([
      ['standard', 0.1],
      ['8bit', 0],
      ['agentbot', 0],
      ['eev', 0],
    ]);
    expect(waits(builtIn('standard').schedule, 0).slice(0, 3)).toEqual([4.5, 270, 1620]);
    expect(waits(builtIn('agentbot').schedule, 0)).toEqual([60, 300, 1800, 10_800]);
  });
});

describe("an endpoint's own settings", () => {
  it.each<[string, Partial<RetrySettings>, number[]]>([
    ['fewer retries cut the schedule short', { maxRetries: 2 }, [10, 60]],
    ['no retries', { maxRetries: 0 }, []],
    [
      'more retries repeat the last delay',
      { maxRetries: 8 },
      [10, 60, 300, 900, 3600, 21_600, 21_600, 21_600],
    ],
    ['exponential is the named list', { retryInterval: 'exponential', maxRetries: 3 }, [10, 60, 300]],
    ['fixed repeats the first delay', { retryInterval: 'fixed', maxRetries: 3 }, [10, 10, 10]],
    ['fixed with its own delay', { retryInterval: 'fixed', retryDelaySeconds: 45 }, [45, 45, 45, 45, 45, 45]],
    ['its own list', { retryScheduleSeconds: [1, 2] }, [1, 2]],
    ['its own list, longer', { retryScheduleSeconds: [1, 2], maxRetries: 4 }, [1, 2, 2, 2]],
  ])('8bit: %s', (_what, settings, expected) => {
    expect(waits(ownSchedule('8bit', settings))).toEqual(expected);
  });

  it("eev: past its five delays the last repeats, where 8bit's would go on to 6 h", () => {
    expect(waits(ownSchedule('eev', { retryInterval: 'exponential', maxRetries: 6 }))).toEqual([
      10, 60, 300, 900, 3600, 3600,
    ]);
  });
});

describe('Retry-After', () => {
  const schedule = builtIn('8bit').schedule;

  it.each([
    ['lengthens a shorter wait', 1, 30, 30],
    ['cannot shorten a longer one', 2, 30, 60],
    ['is ignored when 0', 1, 0, 10],
    ['counts up to 24 h', 1, RETRY_AFTER_CAP_SECONDS, 86_400],
    ['is cut at 24 h', 1, 10 * 86_400, 86_400],
  ])('%s', (_what, attempts, retryAfter, expected) => {
    expect(nextDelayMs(schedule, attempts, retryAfter, MIDDLE)).toBe(expected * 1000);
  });

  it('never prolongs a schedule that is used up', () => {
    expect(nextDelayMs(schedule, 7, 30, MIDDLE)).toBeNull();
  });

  it('only ever lengthens, up to 24 h', () => {
    fc.assert(
      fc.property(
        anySchedule,
        fc.integer({ min: 1, max: 20 }),
        fc.nat(1_000_000),
        anyRandom,
        (s, n, asked, random) => {
          const plain = nextDelayMs(s, n, null, random);
          const delayMs = nextDelayMs(s, n, asked, random);
          expect(delayMs).toBe(plain === null ? null : Math.max(plain, Math.min(asked, 86_400) * 1000));
        },
      ),
    );
  });
});

describe('jitter', () => {
  it('stays within its share of the delay, on either side', () => {
    fc.assert(
      fc.property(anySchedule, anyRandom, (schedule, random) => {
        const seconds = waits(schedule, random);
        expect(seconds).toHaveLength(schedule.maxRetries);
        seconds.forEach((wait, i) => {
          const delay = schedule.delaysSeconds[Math.min(i, schedule.delaysSeconds.length - 1)] ?? NaN;
          expect(wait).toBeGreaterThanOrEqual(delay * (1 - schedule.jitter) - 0.001);
          expect(wait).toBeLessThanOrEqual(delay * (1 + schedule.jitter) + 0.001);
        });
      }),
    );
  });

  it('reaches both ends', () => {
    const schedule = { delaysSeconds: [1000], maxRetries: 1, jitter: 0.1 };
    expect(waits(schedule, 0)).toEqual([900]);
    expect(waits(schedule, 1 - Number.EPSILON)).toEqual([1100]);
  });

  it('is drawn alike within a second and spread over [0, 1) across seconds', () => {
    expect(jitterDraw(1_000_000_000, 1)).toBe(jitterDraw(1_000_000_999, 1));
    const draws = Array.from({ length: 1000 }, (_, second) =>
      jitterDraw(1_779_021_296_000 + second * 1000, 1),
    );
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    const tenths = new Set(draws.map((draw) => Math.floor(draw * 10)));
    expect(tenths.size).toBe(10);
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });
});
