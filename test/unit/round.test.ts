import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../src/fifo.ts';
import { Round } from '../../src/round.ts';

type Item = { key: string; n: number };
const round = () =>
  new Round<Item>(
    ({ key }) => key,
    () => new Fifo<Item>(),
  );

it('gives all that it was given, each key in its order, and no key twice while another waits', () => {
  const key = fc.constantFrom('a', 'b', '__proto__', '');
  fc.assert(
    fc.property(fc.array(fc.option(key)), (steps) => {
      const queue = round();
      const waiting = new Map<string, number[]>();
      /** Keys that have had a turn since this one had, or came. */
      const passed = new Map<string, Set<string>>();
      let n = 0;
      const take = () => {
        const item = queue.shift();
        if (!item) return expect([...waiting.values()].flat()).toEqual([]);
        const own = waiting.get(item.key)!;
        expect(item.n).toBe(own.shift());
        for (const [other, since] of passed) {
          if (other === item.key || (waiting.get(other) ?? []).length === 0) continue;
          expect(since.has(item.key), `${item.key} twice before ${other}`).toBe(false);
          since.add(item.key);
        }
        passed.set(item.key, new Set());
      };
      for (const step of steps) {
        if (step === null) {
          take();
          continue;
        }
        const own = waiting.get(step) ?? [];
        if (own.length === 0) passed.set(step, new Set());
        waiting.set(step, [...own, (n += 1)]);
        queue.push({ key: step, n });
      }
      const left = [...waiting.values()].reduce((sum, own) => sum + own.length, 0);
      expect(queue.length).toBe(left);
      for (let index = 0; index <= left; index += 1) take();
      expect(queue.length).toBe(0);
    }),
  );
});
