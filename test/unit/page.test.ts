import { expect, it } from 'vitest';
import { decodeCursor, page } from '../../src/api/request.ts';

const rows = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `ep_${n}`, text: 'x'.repeat(bytes) }));
const pageOf = (count: number, bytes: number, size: number) =>
  page(
    rows(count, bytes),
    size,
    (row) => row,
    (row) => row.id,
  );

it('a page of small rows holds as many as were asked for', () => {
  expect(pageOf(201, 100, 200).data).toHaveLength(200);
  expect(pageOf(200, 100, 200)).toMatchObject({ data: { length: 200 }, next_cursor: null });
});

it('a page of large rows ends after a mebibyte, and its cursor says where', () => {
  const { data, next_cursor: cursor } = pageOf(200, 50_000, 200);
  expect(JSON.stringify(data).length).toBeLessThan((1 << 20) + 60_000);
  expect(decodeCursor(cursor!, 'ep')).toBe(data.at(-1)!.id);
});

it('a row is shown, however large', () => {
  expect(pageOf(2, 3 << 20, 200)).toMatchObject({
    data: { length: 1 },
    next_cursor: expect.any(String) as string,
  });
  expect(pageOf(1, 3 << 20, 200)).toMatchObject({ data: { length: 1 }, next_cursor: null });
});

it('no row is no page', () => {
  expect(pageOf(0, 0, 200)).toEqual({ data: [], next_cursor: null });
});
