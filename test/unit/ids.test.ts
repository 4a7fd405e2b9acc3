import { afterEach, expect, it, vi } from 'vitest';
import { lowestDeliveryIdAt, newId } from '../../src/ids.ts';

afterEach(() => void vi.useRealTimers());

it('ids are unique, well formed, and sort in the order in which they were made', () => {
  const ids = Array.from({ length: 20_000 }, () => newId('dlv'));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^dlv_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
});

it('ids go on ascending when the clock is set back', () => {
  vi.useFakeTimers({ now: Date.now() + 60_000 });
  const before = newId('evt');
  vi.setSystemTime(Date.now() - 30_000);
  expect(newId('evt') > before).toBe(true);
});

it('ids made from a time on are not below the lowest id of that time', () => {
  const since = new Date();
  expect(newId('dlv') >= lowestDeliveryIdAt(since)).toBe(true);
});
