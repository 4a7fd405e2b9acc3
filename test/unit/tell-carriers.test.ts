/** Workflows are told what was cancelled of what they carry: each once, whatever it carries. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tellCarriers, type Cancelled } from '../../src/deliveries/tell-carriers.ts';

const cancelled: fc.Arbitrary<Cancelled[]> = fc.uniqueArray(
  fc.record({
    id: fc.string(),
    workflowId: fc.option(fc.constantFrom(...Array.from({ length: 20 }, (_, n) => `w${n}`))),
  }),
  { selector: ({ id }) => id, maxLength: 100 },
);

it('each workflow hears once of all that it carries, and what none carries is told nobody', async () => {
  await fc.assert(
    fc.asyncProperty(cancelled, async (all) => {
      const heard = new Map<string, string[]>();
      const workflows = {
        signalCancel(workflowId: string, ids: string[]) {
          expect(heard.has(workflowId)).toBe(false);
          heard.set(workflowId, ids);
          return Promise.resolve(true);
        },
      };
      const told = await tellCarriers(workflows, all);
      expect(told).toBe(heard.size);
      const carried = all.filter(({ workflowId }) => workflowId !== null);
      expect([...heard.values()].flat().sort()).toEqual(carried.map(({ id }) => id).sort());
      for (const { id, workflowId } of carried) expect(heard.get(workflowId!)).toContain(id);
    }),
  );
});

it('no more are told than asked, a few at a time, and none after one that cannot be', async () => {
  const all = Array.from({ length: 50 }, (_, n) => ({ id: `d${n}`, workflowId: `w${n}` }));
  let running = 0;
  let most = 0;
  const told: string[] = [];
  const workflows = {
    async signalCancel(workflowId: string) {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (workflowId === 'w20') throw new Error('Temporal is away');
      told.push(workflowId);
      return true;
    },
  };
  let groups = 0;
  expect(await tellCarriers(workflows, all, { limit: 18, onTold: () => (groups += 1) })).toBe(18);
  expect([told.length, most, groups]).toEqual([18, 8, 3]);
  told.length = 0;
  await expect(tellCarriers(workflows, all)).rejects.toThrow('Temporal is away');
  expect(told.length).toBeLessThan(24);
});
