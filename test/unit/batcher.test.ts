import { describe, expect, it } from 'vitest';
import { createBatcher, Overloaded, type BatcherOptions } from '../../src/batcher.ts';

interface Item {
  of: string;
  n: number;
  weight?: number;
  key?: string;
}

/** Groups as they were run; `next` lets the one under way end. */
function setUp(options: Partial<BatcherOptions<Item, number>> = {}) {
  const groups: string[][] = [];
  let end: (() => void) | undefined;
  const batcher = createBatcher<Item, number>({
    maxItems: 4,
    concurrency: 1,
    weigh: (item) => item.weight ?? 1,
    turn: (item) => item.of,
    keys: (item) => (item.key ? [item.key] : []),
    async run(items) {
      groups.push(items.map((item) => `${item.of}${item.n}`));
      await new Promise<void>((resolve) => (end = resolve));
      return items.map((item) => item.n);
    },
    ...options,
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const drain = async () => {
    let over = false;
    await turn();
    void batcher.idle().then(() => (over = true));
    while (!over) {
      end?.();
      await turn();
    }
  };
  return { batcher, groups, drain, turn };
}

describe('groups', () => {
  it("take one item of each owner in turn, so that nobody waits behind another's crowd", async () => {
    const { batcher, groups, drain } = setUp();
    const items = [1, 2, 3, 4, 5, 6].map((n) => ({ of: 'a', n }));
    const results = [...items, { of: 'b', n: 1 }, { of: 'c', n: 1 }].map((item) => batcher.submit(item));
    await drain();
    expect(groups).toEqual([
      ['a1', 'b1', 'c1', 'a2'],
      ['a3', 'a4', 'a5', 'a6'],
    ]);
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5, 6, 1, 1]);
  });

  it('of heavy items are small, and whose item did not fit has the next turn', async () => {
    const { batcher, groups, drain } = setUp({ maxWeight: 10 });
    for (const n of [1, 2, 3]) void batcher.submit({ of: 'a', n, weight: 9 });
    for (const n of [1, 2]) void batcher.submit({ of: 'b', n });
    await drain();
    expect(groups).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']]);
  });

  it('never hold the same key twice, and keep the order of what shares one', async () => {
    const { batcher, groups, drain } = setUp();
    void batcher.submit({ of: 'a', n: 1, key: 'x' });
    void batcher.submit({ of: 'a', n: 2, key: 'x' });
    void batcher.submit({ of: 'a', n: 3, key: 'y' });
    void batcher.submit({ of: 'a', n: 4, key: 'x' });
    await drain();
    expect(groups).toEqual([['a1', 'a3'], ['a2'], ['a4']]);
  });
});

describe('what waits', () => {
  it('is bounded for each owner: one who brings too much is refused, and there is room for another', async () => {
    const { batcher, drain, turn } = setUp({ maxItems: 1, maxWaitingItems: 8 });
    void batcher.submit({ of: 'a', n: 0 });
    await turn();
    const refused = (item: Item) =>
      batcher.submit(item).then(
        () => false,
        (error: unknown) => error instanceof Overloaded,
      );
    const greedy = [1, 2, 3, 4, 5, 6].map((n) => refused({ of: 'a', n }));
    const modest = [1, 2, 3].map((n) => refused({ of: 'b', n }));
    await drain();
    expect(await Promise.all(greedy)).toEqual([false, false, false, false, true, true]);
    expect(await Promise.all(modest)).toEqual([false, false, true]);
  });

  it('is bounded by weight, and one heavy item alone is always taken', async () => {
    const { batcher, drain, turn } = setUp({ maxItems: 1, maxWaitingWeight: 10 });
    void batcher.submit({ of: 'a', n: 0 });
    await turn();
    const first = batcher.submit({ of: 'a', n: 1, weight: 50 });
    await expect(batcher.submit({ of: 'a', n: 2 })).rejects.toThrow(Overloaded);
    await drain();
    expect(await first).toBe(1);
    expect(batcher.waiting()).toBe(0);
  });
});

describe('a group', () => {
  it('that fails takes its own items with it, and no other', async () => {
    const { batcher, drain } = setUp({
      maxItems: 2,
      run: (items) =>
        items.some(({ n }) => n === 1)
          ? Promise.reject(new Error('refused'))
          : Promise.resolve(items.map(({ n }) => n)),
    });
    const results = [1, 2, 3, 4].map((n) =>
      batcher.submit({ of: 'a', n }).catch((error: Error) => error.message),
    );
    await drain();
    expect(await Promise.all(results)).toEqual(['refused', 'refused', 3, 4]);
    expect(batcher.waiting()).toBe(0);
  });

  it('goes beside others up to the limit, and then waits for one to end', async () => {
    const ends: (() => void)[] = [];
    const { batcher, turn } = setUp({
      maxItems: 1,
      concurrency: 2,
      run: (items) => new Promise((resolve) => ends.push(() => resolve(items.map(({ n }) => n)))),
    });
    for (const n of [1, 2, 3]) void batcher.submit({ of: 'a', n });
    await turn();
    expect([ends.length, batcher.waiting()]).toEqual([2, 1]);
    ends[1]!();
    await turn();
    expect([ends.length, batcher.waiting()]).toEqual([3, 0]);
    for (const end of ends) end();
    await batcher.idle();
  });
});

describe('groups at a distance', () => {
  const HOUR_MS = 3_600_000;
  const now = { run: (items: Item[]) => Promise.resolve(items.map(({ n }) => n)) };
  const sizes = (ms: number) => {
    const seen: number[] = [];
    const isUrgent = ({ key }: Item) => key === 'now';
    const spacing = { ms, enough: 3 };
    return { seen, ...setUp({ ...now, spacing, isUrgent, onGroup: (items) => seen.push(items) }) };
  };

  it('let what comes after a pause go at once, and what follows wait and go together', async () => {
    const { batcher, seen, turn } = sizes(30);
    expect(await batcher.submit({ of: 'a', n: 1 })).toBe(1);
    const together = [2, 3].map((n) => batcher.submit({ of: 'a', n }));
    await turn();
    expect(seen).toEqual([1]);
    expect(await Promise.all(together)).toEqual([2, 3]);
    await batcher.idle();
    expect(seen).toEqual([1, 2]);
  });

  it('do not keep what is urgent, which takes along what waits, nor as many as are enough', async () => {
    const { batcher, seen } = sizes(HOUR_MS);
    await batcher.submit({ of: 'a', n: 1 });
    const waiting = batcher.submit({ of: 'b', n: 2 });
    await batcher.submit({ of: 'a', n: 3, key: 'now' });
    await waiting;
    expect(seen).toEqual([1, 2]);
    await Promise.all([4, 5, 6].map((n) => batcher.submit({ of: 'a', n })));
    expect(seen).toEqual([1, 2, 3]);
  });
});
