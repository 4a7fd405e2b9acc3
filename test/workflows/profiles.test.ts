/** Each profile's whole schedule against the clock, every attempt failing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInProfiles } from '../../src/profiles/built-in.ts';
import { effectiveSchedule, jitterDraw, nextDelayMs, type RetrySettings } from '../../src/schedule.ts';
import { expectDelays } from '../support/delays.ts';
import { startVirtualTime, type Flight, type VirtualTime } from '../support/virtual-time.ts';

let time: VirtualTime;
beforeAll(async () => void (time = await startVirtualTime()));
afterAll(() => time.stop());

const profileNamed = (name: string) => builtInProfiles.find((profile) => profile.name === name)!;

async function walk(profileName: string, settings: Partial<RetrySettings> = {}): Promise<Flight> {
  const unset = {
    maxRetries: null,
    retryInterval: null,
    retryDelaySeconds: null,
    retryScheduleSeconds: null,
  };
  const { schedule, exponentialSeconds } = profileNamed(profileName);
  const own = effectiveSchedule({ ...unset, ...settings }, schedule, exponentialSeconds);
  const flight = await time.deliver({ schedule: own, answer: () => 503 });
  expect(await flight.end()).toEqual({ failed: 1 });
  expect(flight.made.map((attempt) => attempt.number)).toEqual(flight.made.map((_, index) => index + 1));
  return flight;
}

describe('a delivery that never succeeds is attempted to the second when its profile says', () => {
  it.each([
    ['8bit', [10, 60, 300, 900, 3600, 21_600]],
    ['agentbot', [60, 300, 1800, 10_800]],
    ['eev', [10, 60, 300, 900, 3600]],
  ])('%s', async (name, seconds) => {
    expectDelays(await walk(name), seconds);
  });

  it('standard: within 10 % of its delays, exactly where the jitter puts it', async () => {
    const flight = await walk('standard');
    const seconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    const { schedule } = profileNamed('standard');
    const due = flight.made
      .slice(0, -1)
      .map(
        ({ endedAtMs, number }) => nextDelayMs(schedule, number, null, jitterDraw(endedAtMs, number))! / 1000,
      );
    expectDelays(flight, due);
    due.forEach((delay, index) => {
      expect(delay).toBeGreaterThanOrEqual(seconds[index]! * 0.9);
      expect(delay).toBeLessThanOrEqual(seconds[index]! * 1.1);
    });
    expect(due).toHaveLength(seconds.length);
    // Nine delays that all happened to fall on the middle would be no jitter.
    expect(due.some((delay, index) => Math.abs(delay / seconds[index]! - 1) > 0.01)).toBe(true);
  });
});

describe("the endpoint's own settings", () => {
  it.each<[string, Partial<RetrySettings>, number[]]>([
    ['max_retries 2 ends it early', { maxRetries: 2 }, [10, 60]],
    [
      'max_retries 8 repeats the last delay',
      { maxRetries: 8 },
      [10, 60, 300, 900, 3600, 21_600, 21_600, 21_600],
    ],
    ['max_retries 0 means one attempt', { maxRetries: 0 }, []],
    [
      'a fixed interval is the same every time',
      { retryInterval: 'fixed', retryDelaySeconds: 45, maxRetries: 4 },
      [45, 45, 45, 45],
    ],
    ['a schedule of its own counts', { retryScheduleSeconds: [1, 7200, 3] }, [1, 7200, 3]],
  ])('%s', async (_, settings, seconds) => {
    const flight = await walk('8bit', settings);
    expectDelays(flight, seconds);
    expect(flight.made).toHaveLength(seconds.length + 1);
  });
});
