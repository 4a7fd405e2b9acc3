import { TransientMap } from './transient-map.ts';

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
  /** Whose item it is: a group takes one item of each in turn, so that nobody waits behind another's crowd. */
  turn?: (item: T) => string;
  /**
   * Room for what waits. One owner may take half of what is free, the next half of what is left, and so on: there is
   * room for each, however much the others have brought. What does not fit is refused with Overloaded.
   */
  maxWaitingWeight?: number;
  maxWaitingItems?: number;
  /**
   * For what nobody waits for: small groups begin so far apart that they are larger, and fewer. What comes after a pause goes
   * at once, `enough` together do, and what is urgent takes along all that waits.
   */
  spacing?: { ms: number; enough: number };
  isUrgent?: (item: T) => boolean;
  /** Told the size of every group that goes. */
  onGroup?: (items: number) => void;
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
  weight: number;
  keys: string[];
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** What waits of one owner. */
interface Lane<T, R> {
  entries: Waiting<T, R>[];
  weight: number;
}

const NO_KEYS: string[] = [];

export function createBatcher<T, R>(options: BatcherOptions<T, R>): Batcher<T, R> {
  const { maxItems, concurrency, weigh = () => 1, maxWeight = Infinity, keys, turn = () => '' } = options;
  const { maxWaitingItems = Infinity, maxWaitingWeight = Infinity } = options;
  const { spacing = { ms: 0, enough: 1 }, isUrgent = () => false } = options;
  /** In the order in which they have their turns. */
  const lanes = new TransientMap<string, Lane<T, R>>();
  let waitingItems = 0;
  let waitingWeight = 0;
  let running = 0;
  let scheduled = false;
  let lastBeganAtMs = -Infinity;
  let someUrgent = false;
  let spacingTimer: NodeJS.Timeout | undefined;
  let idleWaiters: (() => void)[] = [];

  function takeGroup(): Waiting<T, R>[] {
    const group: Waiting<T, R>[] = [];
    const seen = new Set<string>();
    /** How many of a lane's entries have been passed over, since they share a key with what goes before them. */
    const passed = new Map<Lane<T, R>, number>();
    let weight = 0;
    // A lane that has had its turn is put behind the others, and comes round again in this same loop.
    for (const [name, lane] of lanes) {
      if (group.length >= maxItems) break;
      let at = passed.get(lane) ?? 0;
      while (at < lane.entries.length && lane.entries[at]!.keys.some((key) => seen.has(key))) at += 1;
      passed.set(lane, at);
      const entry = lane.entries[at];
      if (!entry) continue;
      if (group.length > 0 && weight + entry.weight > maxWeight) break;
      if (at === 0) lane.entries.shift();
      else lane.entries.splice(at, 1);
      lane.weight -= entry.weight;
      lanes.delete(name);
      if (lane.entries.length > 0) lanes.set(name, lane);
      for (const key of entry.keys) seen.add(key);
      weight += entry.weight;
      group.push(entry);
    }
    waitingItems -= group.length;
    waitingWeight -= weight;
    return group;
  }

  async function runGroup(group: Waiting<T, R>[]): Promise<void> {
    options.onGroup?.(group.length);
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

  /** Whether a group is to wait, since another has begun just now. */
  function isTooSoon(now: number): boolean {
    if (someUrgent || waitingItems >= spacing.enough || waitingWeight >= maxWeight) return false;
    const inMs = lastBeganAtMs + spacing.ms - now;
    if (inMs <= 0) return false;
    spacingTimer ??= setTimeout(() => {
      spacingTimer = undefined;
      pump();
    }, Math.ceil(inMs));
    return true;
  }

  function pump(): void {
    while (running < concurrency && waitingItems > 0) {
      const now = performance.now();
      if (isTooSoon(now)) return;
      lastBeganAtMs = now;
      someUrgent = false;
      running += 1;
      void runGroup(takeGroup());
    }
    if (running === 0 && waitingItems === 0) {
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

  function fits(lane: Lane<T, R> | undefined, weight: number): boolean {
    if (waitingItems === 0) return true;
    const { entries, weight: waits } = lane ?? { entries: [], weight: 0 };
    return (
      entries.length < maxWaitingItems - waitingItems && waits + weight <= maxWaitingWeight - waitingWeight
    );
  }

  return {
    submit(item) {
      const name = turn(item);
      const weight = weigh(item);
      const lane = lanes.get(name);
      if (!fits(lane, weight)) return Promise.reject(new Overloaded('too much is waiting to be written'));
      return new Promise<R>((resolve, reject) => {
        const entry = { item, weight, keys: keys?.(item) ?? NO_KEYS, resolve, reject };
        if (lane) {
          lane.entries.push(entry);
          lane.weight += weight;
        } else lanes.set(name, { entries: [entry], weight });
        someUrgent ||= isUrgent(item);
        waitingItems += 1;
        waitingWeight += weight;
        pumpSoon();
      });
    },
    waiting: () => waitingItems,
    idle() {
      if (running === 0 && waitingItems === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
  };
}
