import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryWithAttempts } from '../../web/api/types.ts';
import {
  appendPage,
  beganAnew,
  leavesGap,
  mergeRows,
  PAGE_ROWS,
  prependRows,
  rowOf,
  type Pages,
} from '../../web/pages/deliveries/rows.ts';

const row = (n: number, status = 'pending') =>
  ({ id: `dlv_${String(n).padStart(4, '0')}`, status }) as Delivery;
/** Newest first. */
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => row(to - 1 - n));
const pages = (data: Delivery[], next_cursor: string | null = 'c'): Pages => ({
  pages: [{ data, next_cursor }],
  pageParams: [''],
});
const idsOf = (of: Pages) => of.pages.flatMap(({ data }) => data.map(({ id }) => id));

describe('a page that follows', () => {
  it('leaves out rows that have moved up already, and one for another end is not taken', () => {
    const before = pages(rows(10, 20));
    const page = { data: rows(5, 12), next_cursor: null };
    expect(idsOf(appendPage(before, 'c', page))).toEqual(rows(5, 20).map(({ id }) => id));
    expect(appendPage(before, 'another', page)).toBe(before);
  });
});

describe('rows that come in', () => {
  it('are there once, however often they are put on top', () => {
    const before = pages(rows(0, 3));
    const twice = prependRows(prependRows(before, rows(3, 5)), rows(3, 5));
    expect(idsOf(twice)).toEqual(rows(0, 5).map(({ id }) => id));
  });

  it('leave a gap if the whole first page is unknown, whatever was there before', () => {
    const burst = rows(100, 100 + PAGE_ROWS);
    expect(leavesGap(pages(rows(0, 20)), [], burst)).toBe(true);
    expect(leavesGap(pages([], null), [], burst)).toBe(true);
    expect(leavesGap(pages(rows(0, 101)), [], burst)).toBe(false);
    expect(leavesGap(pages(rows(0, 20)), rows(90, 110), burst)).toBe(false);
    expect(leavesGap(pages(rows(0, 20)), [], burst.slice(1))).toBe(false);
  });

  it('while the list begins anew are in it: changed where they stand, on top if they are newer', () => {
    const told = [row(12), row(9, 'succeeded'), row(2)];
    const { data } = beganAnew({ data: rows(5, 10), next_cursor: 'c' }, told).pages[0]!;
    expect(data.map(({ id, status }) => `${id.slice(-2)} ${status}`)).toEqual([
      '12 pending',
      '09 succeeded',
      '08 pending',
      '07 pending',
      '06 pending',
      '05 pending',
    ]);
    expect(mergeRows(pages(rows(5, 10)), told).unknown).toEqual([row(12), row(2)]);
  });
});

describe('a row whose delivery was read by itself', () => {
  const of = (status: string, attempt_count: number, more = {}) => ({
    ...row(1, status),
    attempt_count,
    ...more,
  });
  const read = (status: string, attempt_count: number) =>
    of(status, attempt_count, { last_status_code: 200, attempts: [] }) as unknown as DeliveryWithAttempts;

  it('is as that is by now: after another attempt, or an end', () => {
    expect(rowOf(of('failed', 1), read('succeeded', 2))).toMatchObject({
      status: 'succeeded',
      last_status_code: 200,
    });
    expect(rowOf(of('held', 0), read('cancelled', 0)).status).toBe('cancelled');
  });

  it('stays as it is if that was read before', () => {
    const now = of('succeeded', 2);
    expect(rowOf(now, read('failed', 1))).toBe(now);
    expect(rowOf(now, read('failed', 2))).toBe(now);
  });
});
