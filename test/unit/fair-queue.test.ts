import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBreaker } from '../../src/sandbox/breaker.ts';
import { createFairQueue } from '../../src/sandbox/fair-queue.ts';

const anyone = () => true;

it('whoever has been given the least time goes first, however much others have waiting', () => {
  const queue = createFairQueue<string>(1_000);
  for (let n = 0; n < 50; n += 1) queue.add('greedy', 'lane', 'greedy', 1);
  expect(queue.take(anyone)).toBe('greedy');
  queue.charge('greedy', 500);
  queue.add('modest', 'lane', 'modest', 1);
  expect(queue.take(anyone)).toBe('modest');
  queue.charge('modest', 1);
  queue.add('modest', 'lane', 'modest', 1);
  expect(queue.take(anyone)).toBe('modest');
});

it('one that comes back has saved up no time', () => {
  const queue = createFairQueue<string>(1_000);
  for (let n = 0; n < 20; n += 1) queue.add('busy', 'lane', 'busy', 1);
  for (let n = 0; n < 10; n += 1) {
    queue.take(anyone);
    queue.charge('busy', 100);
  }
  for (let n = 0; n < 20; n += 1) queue.add('back', 'lane', 'back', 1);
  const taken: string[] = [];
  for (let n = 0; n < 10; n += 1) {
    const who = queue.take(anyone)!;
    taken.push(who);
    queue.charge(who, 100);
  }
  expect(taken.filter((who) => who === 'back').length).toBeLessThanOrEqual(6);
});

it('lanes of a tenant take turns, and who may not run is passed over', () => {
  const queue = createFairQueue<string>(1_000);
  for (const item of ['a1', 'a2', 'a3']) queue.add('t', 'a', item, 1);
  queue.add('t', 'b', 'b1', 1);
  expect([queue.take(anyone), queue.take(anyone), queue.take(anyone)]).toEqual(['a1', 'b1', 'a2']);
  queue.add('u', 'a', 'u1', 1);
  expect(queue.take((tenant) => tenant !== 't')).toBe('u1');
  expect(queue.take((tenant) => tenant !== 't')).toBeNull();
  expect(queue.size()).toBe(1);
});

it('one tenant cannot take all the room, and everything comes out once, in the order of its lane', () => {
  const item = fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), lane: fc.constantFrom('x', 'y') });
  fc.assert(
    fc.property(fc.array(fc.oneof(item, fc.constant('take' as const)), { maxLength: 60 }), (steps) => {
      const queue = createFairQueue<{ key: string; n: number }>(1_000);
      const taken: { key: string; n: number }[] = [];
      let added = 0;
      for (const step of steps) {
        if (step === 'take') {
          const next = queue.take(anyone);
          if (next) taken.push(next);
        } else if (queue.add(step.tenant, step.lane, { key: `${step.tenant} ${step.lane}`, n: added }, 1))
          added += 1;
      }
      for (let next = queue.take(anyone); next; next = queue.take(anyone)) taken.push(next);
      expect(taken).toHaveLength(added);
      for (const key of new Set(taken.map((one) => one.key))) {
        const order = taken.filter((one) => one.key === key).map(({ n }) => n);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
    }),
  );
  const full = createFairQueue<number>(100);
  while (full.add('greedy', '', 1, 1));
  expect(full.size()).toBe(50);
  expect(full.add('modest', '', 1, 1)).toBe(true);
});

it('what goes beyond its limits three times in a row pauses, longer each time, until it keeps within them', () => {
  let nowMs = 0;
  const breaker = createBreaker(() => nowMs);
  breaker.strike('a');
  breaker.strike('a');
  expect(breaker.closedForSeconds('a')).toBe(0);
  breaker.strike('a');
  expect(breaker.closedForSeconds('a')).toBe(10);
  expect(breaker.closedForSeconds('b')).toBe(0);
  nowMs = 10_001;
  expect(breaker.closedForSeconds('a')).toBe(0);
  breaker.strike('a');
  expect(breaker.closedForSeconds('a')).toBe(20);
  breaker.clear('a');
  breaker.strike('a');
  expect(breaker.closedForSeconds('a')).toBe(0);
});
