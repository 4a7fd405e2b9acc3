import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransientMap } from '../../src/transient-map.ts';

describe('a transient map', () => {
  it('answers as a Map does, whatever comes and goes', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 6 }), value: fc.option(fc.integer()) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new Map<number, number>();
        const transient = new TransientMap<number, number>();
        for (const { key, value } of steps) {
          if (value === null) expect(transient.delete(key)).toBe(map.delete(key));
          else {
            map.set(key, value);
            transient.set(key, value);
          }
          expect(transient.get(key)).toBe(map.get(key));
          expect([...transient]).toEqual([...map]);
          expect([...transient.values()]).toEqual([...map.values()]);
          expect([...transient.keys()]).toEqual([...map.keys()]);
          expect(transient.size).toBe(map.size);
        }
      }),
    );
  });

  it('comes to what is put behind the others while it is gone through', () => {
    const transient = new TransientMap<string, number>();
    for (const key of ['a', 'b']) transient.set(key, 1);
    const seen: string[] = [];
    for (const [key, left] of transient) {
      seen.push(key);
      transient.delete(key);
      if (left > 0) transient.set(key, left - 1);
    }
    expect(seen).toEqual(['a', 'b', 'a', 'b']);
  });
});
