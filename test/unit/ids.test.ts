import { afterEach, expect, it, vi } from 'vitest';
import { createdAtMs, lowestDeliveryIdAt, MAX_AHEAD_MS, newId } from '../../src/ids.ts';

afterEach(() => void vi.useRealTimers());

it('ids are unique, well formed, and sort in the order in which they were made', () => {
  const ids = Array.from({ length: 20_000 }, () => newId('dlv'));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^dlv_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
});

it('ids go on ascending when the clock is set back, but never run ahead of it by more than seconds', () => {
  const rightMs = Date.now();
  vi.useFakeTimers({ now: rightMs + 60_000 });
  const before = newId('evt');
  vi.setSystemTime(rightMs + 60_000 - MAX_AHEAD_MS);
  const after = newId('evt');
  expect(after > before).toBe(true);
  vi.setSystemTime(rightMs);
  const ids = [newId('evt'), newId('evt'), newId('evt')];
  expect(ids.map(createdAtMs)).toEqual([rightMs, rightMs, rightMs]);
  expect([...ids].sort()).toEqual(ids);
});

it('ids made from a time on are not below the lowest id of that time', () => {
  const since = new Date();
  expect(newId('dlv') >= lowestDeliveryIdAt(since)).toBe(true);
});
