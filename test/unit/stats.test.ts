/** Which time statistics are about, and what durations in buckets are told as. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, noCounts, summaryOf, type Counts } from '../../src/stats/counts.ts';
import { bucketMs, percentiles, type Durations } from '../../src/stats/durations.ts';
import { rangeOf, type Range } from '../../src/stats/range.ts';

const NOW = new Date('2026-11-28T14:15:16.789Z');
const at = (text: string) => new Date(text);

describe('a range', () => {
  const range = (interval: 'hour' | 'day', from?: string, to?: string, most?: number) =>
    rangeOf({ interval, from: from ? at(from) : undefined, to: to ? at(to) : undefined }, NOW, most);
  const shown = (found: ReturnType<typeof rangeOf>) => {
    const { from, to, starts } = found as Range;
    return [from.toISOString(), to.toISOString(), starts.length];
  };

  it('is a day by the hour or thirty by the day unless told otherwise, with what is under way', () => {
    expect(shown(range('hour'))).toEqual(['2026-11-27T15:00:00.000Z', '2026-11-28T15:00:00.000Z', 24]);
    expect(shown(range('day'))).toEqual(['2026-10-30T00:00:00.000Z', '2026-11-29T00:00:00.000Z', 30]);
  });

  it('has whole intervals, and as many as fit', () => {
    expect(shown(range('hour', '2026-11-28T12:59:59Z', '2026-11-28T13:00:01Z'))).toEqual([
      '2026-11-28T12:00:00.000Z',
      '2026-11-28T14:00:00.000Z',
      2,
    ]);
    expect(shown(range('day', '2026-11-01', '2026-11-02'))).toEqual([
      '2026-11-01T00:00:00.000Z',
      '2026-11-02T00:00:00.000Z',
      1,
    ]);
    expect(shown(range('hour', '2026-11-28', '2026-11-29'))[2]).toBe(24);
    expect(shown(range('day', '2025-11-28'))[2]).toBe(366);
  });

  it.each([
    ['hour', '2026-11-28T14:15:17Z', undefined, 'from', 'future'],
    ['hour', '2026-11-28T10:00:00Z', '2026-11-29T00:00:01Z', 'to', 'future'],
    ['hour', '2026-11-28T10:00:00Z', '2026-11-28T10:00:00Z', 'from', 'earlier'],
    ['day', '2026-11-02', '2026-11-01', 'from', 'earlier'],
    ['hour', '2026-10-28T00:00:00Z', undefined, 'from', '31 days'],
    ['day', '2025-10-01', undefined, 'from', '400 days'],
  ] as const)('by the %s from %s to %s is none: %s', (interval, from, to, path, words) => {
    expect(range(interval, from, to)).toEqual([{ path, message: expect.stringContaining(words) as string }]);
  });

  it('is shorter for many endpoints', () => {
    expect(range('hour', '2026-11-26T15:00:00Z', undefined, 48)).toMatchObject({ interval: 'hour' });
    expect(range('hour', '2026-11-26T14:59:00Z', undefined, 48)).toMatchObject([{ path: 'from' }]);
  });
});

describe('percentiles', () => {
  /** As the statement does it. */
  const bucketOf = (ms: number) => (ms <= 0.5 ? 0 : Math.ceil(Math.log(ms / 0.5) / Math.log(1.2)));

  it('are wrong by ten percent at most', () => {
    const duration = fc.double({ min: 0.5, max: 40_000, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.95, 0.99),
        (all, part) => {
          const durations: Durations = {};
          for (const ms of all) durations[bucketOf(ms)] = (durations[bucketOf(ms)] ?? 0) + 1;
          const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * part) - 1]!;
          const [told] = percentiles(durations, [part]) as [number];
          // And a tenth of a millisecond, to which they are rounded.
          expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.1 + 0.05);
        },
      ),
    );
  });

  it('of nothing are null, and those of the last bucket an hour', () => {
    expect(percentiles({}, [0.5, 0.9])).toEqual([null, null]);
    expect(bucketMs(87)).toBeGreaterThan(3_500_000);
    expect(summaryOf(noCounts())).toMatchObject({
      attempts: 0,
      success_rate: null,
      duration_ms: { p50: null },
    });
  });
});

it('parts of an interval add up', () => {
  const part = (attempts: number, failed: number): Counts => ({
    ...{ attempts, failed, statusCodes: { 200: attempts - failed, 500: failed } },
    ...{ errorClasses: { http: failed }, durations: { 4: attempts } },
  });
  const sum = noCounts();
  add(sum, part(9, 1));
  add(sum, part(3, 2));
  expect(summaryOf(sum)).toEqual({
    ...{ attempts: 12, delivered: 9, failed: 3, success_rate: 0.75 },
    duration_ms: { p50: bucketMs(4), p95: bucketMs(4), p99: bucketMs(4) },
    ...{ status_codes: { 200: 9, 500: 3 }, error_classes: { http: 3 } },
  });
});
