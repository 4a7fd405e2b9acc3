/** Which endpoints are remembered when there are too many. */
import { expect, it } from 'vitest';
import { Backlog } from '../../src/dispatch/backlog.ts';

function add(backlog: Backlog, tenantId: string, count: number, from = 0): void {
  for (let n = from; n < from + count; n += 1) backlog.add({ tenantId, endpointId: `${tenantId}_${n}` });
}

function countByTenant(backlog: Backlog): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { tenantId } of backlog.inTurn()) counts[tenantId] = (counts[tenantId] ?? 0) + 1;
  return counts;
}

it('is never larger than it may be, and the tenant with most endpoints makes way', () => {
  const backlog = new Backlog(100);
  add(backlog, 'greedy', 1_000);
  expect(backlog.size).toBe(100);
  add(backlog, 'small', 3);
  expect(countByTenant(backlog)).toEqual({ greedy: 97, small: 3 });
  add(backlog, 'as greedy', 1_000);
  expect(countByTenant(backlog)).toEqual({ greedy: 49, small: 3, 'as greedy': 48 });
  for (let n = 0; n < 200; n += 1) add(backlog, `t${n}`, 1);
  expect(backlog.size).toBe(100);
  expect(Math.max(...Object.values(countByTenant(backlog)))).toBeLessThanOrEqual(2);
});

it('has places again for whom there was none, when others are done', () => {
  const backlog = new Backlog(100);
  add(backlog, 'a', 100);
  for (const endpoint of [...backlog.inTurn()].slice(0, 60)) backlog.delete(endpoint);
  expect(backlog.isCrowded).toBe(false);
  add(backlog, 'a', 100, 100);
  expect([backlog.size, backlog.isCrowded]).toEqual([100, true]);
  for (const endpoint of [...backlog.inTurn()]) backlog.delete(endpoint);
  expect(backlog.size).toBe(0);
  add(backlog, 'b', 100);
  expect(countByTenant(backlog)).toEqual({ b: 100 });
});

it('knows an endpoint once, also when it is full', () => {
  const backlog = new Backlog(10);
  for (let n = 0; n < 3; n += 1) add(backlog, 'a', 10);
  add(backlog, 'b', 1);
  for (let n = 0; n < 3; n += 1) add(backlog, 'b', 1);
  expect(countByTenant(backlog)).toEqual({ a: 9, b: 1 });
});
