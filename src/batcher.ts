/**
 * Group commit: while one call is under way, what arrives waits and goes together in the next. Idle, an item
 * goes at once; busy, the groups grow and the cost of a round trip is shared.
 */
export interface BatcherOptions<T, R> {
  /** One result per item, in order. Throwing fails every item of the group. */
  run(items: T[]): Promise<R[]>;
  maxItems: number;
  /** Calls under way at the same time. */
  concurrency: number;
  /** Weight of an item (bytes, say) and the most a group may carry. */
  weigh?: (item: T) => number;
  maxWeight?: number;
  /** Items that share a key never go in the same group (a statement must not see the same id twice). */
  keys?: (item: T) => string[];
  /** More weight waiting than this is refused with Overloaded: the caller slows down, memory stays bounded. */
  maxWaitingWeight?: number;
  maxWaitingItems?: number;
}

export interface Batcher<T, R> {
  /** Rejects with Overloaded when too much is waiting. */
  submit(item: T): Promise<R>;
  waiting(): number;
  /** Resolves when everything submitted so far has been answered. */
  idle(): Promise<void>;
}

export class Overloaded extends Error {
  override name = 'Overloaded';
}

interface Waiting<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

export function createBatcher<T, R>(options: BatcherOptions<T, R>): Batcher<T, R> {
  const { maxItems, concurrency, weigh = () => 1, maxWeight = Infinity, keys } = options;
  const { maxWaitingItems = Infinity, maxWaitingWeight = Infinity } = options;
  let queue: Waiting<T, R>[] = [];
  let waitingWeight = 0;
  let running = 0;
  let scheduled = false;
  let idleWaiters: (() => void)[] = [];

  function takeGroup(): Waiting<T, R>[] {
    const group: Waiting<T, R>[] = [];
    const left: Waiting<T, R>[] = [];
    const seen = new Set<string>();
    let weight = 0;
    let i = 0;
    for (; i < queue.length && group.length < maxItems; i += 1) {
      const entry = queue[i]!;
      const itemKeys = keys?.(entry.item) ?? [];
      if (itemKeys.some((key) => seen.has(key))) {
        left.push(entry);
        continue;
      }
      const itemWeight = weigh(entry.item);
      if (group.length > 0 && weight + itemWeight > maxWeight) break;
      for (const key of itemKeys) seen.add(key);
      weight += itemWeight;
      group.push(entry);
    }
    queue = left.length > 0 ? left.concat(queue.slice(i)) : queue.slice(i);
    waitingWeight -= weight;
    return group;
  }

  async function runGroup(group: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await options.run(group.map((entry) => entry.item));
      group.forEach((entry, index) => entry.resolve(results[index]!));
    } catch (error) {
      for (const entry of group) entry.reject(error);
    } finally {
      running -= 1;
      pump();
    }
  }

  function pump(): void {
    while (running < concurrency && queue.length > 0) {
      running += 1;
      void runGroup(takeGroup());
    }
    if (running === 0 && queue.length === 0) {
      const waiters = idleWaiters;
      idleWaiters = [];
      for (const wake of waiters) wake();
    }
  }

  function pumpSoon(): void {
    // One turn of the event loop later, so that what arrives in the same turn shares the first group.
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  }

  return {
    submit(item) {
      const weight = weigh(item);
      if (
        queue.length >= maxWaitingItems ||
        (queue.length > 0 && waitingWeight + weight > maxWaitingWeight)
      ) {
        return Promise.reject(new Overloaded('too much is waiting to be written'));
      }
      return new Promise<R>((resolve, reject) => {
        queue.push({ item, resolve, reject });
        waitingWeight += weight;
        pumpSoon();
      });
    },
    waiting: () => queue.length,
    idle() {
      if (running === 0 && queue.length === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
  };
}
