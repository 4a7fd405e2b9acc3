/**
 * What waits for a thread, by tenant, then lane. The tenant that has been given the least time goes first, so that
 * whoever asks for little is never behind one that asks for much. (Start-time fair queueing: one that comes back after a
 * while has not saved up time.)
 */
export interface FairQueue<T> {
  /** False: so much of this tenant's waits already that there is no room for it. `bytes`: what it takes meanwhile. */
  add(tenant: string, lane: string, item: T, bytes: number): boolean;
  /** The next item of a tenant that may have one now. */
  take(mayRun: (tenant: string) => boolean): T | null;
  /** So long it took. */
  charge(tenant: string, ms: number): void;
  size(): number;
}

interface Waiting<T> {
  /** In the order in which they have their turns. */
  lanes: Map<string, { item: T; bytes: number }[]>;
  bytes: number;
}

/** `maxBytes` in all: one tenant may take half of what is free, the next half of what is left, and so on. */
export function createFairQueue<T>(maxBytes: number): FairQueue<T> {
  const waiting = new Map<string, Waiting<T>>();
  /** Time given, in ms, as far as it is ahead of `floorMs`. */
  const given = new Map<string, number>();
  let floorMs = 0;
  let size = 0;
  let bytesInAll = 0;

  const givenTo = (tenant: string): number => Math.max(given.get(tenant) ?? 0, floorMs);

  function forgetTheEven(): void {
    for (const [tenant, ms] of given) if (ms <= floorMs) given.delete(tenant);
  }

  function next(mayRun: (tenant: string) => boolean): string | null {
    let best: string | null = null;
    for (const tenant of waiting.keys())
      if (mayRun(tenant) && (best === null || givenTo(tenant) < givenTo(best))) best = tenant;
    return best;
  }

  return {
    add(tenant, lane, item, bytes) {
      const own: Waiting<T> = waiting.get(tenant) ?? { lanes: new Map(), bytes: 0 };
      if (own.bytes + bytes > maxBytes - bytesInAll) return false;
      const items = own.lanes.get(lane);
      if (items) items.push({ item, bytes });
      else own.lanes.set(lane, [{ item, bytes }]);
      own.bytes += bytes;
      bytesInAll += bytes;
      size += 1;
      waiting.set(tenant, own);
      return true;
    },
    take(mayRun) {
      const tenant = next(mayRun);
      if (tenant === null) return null;
      const own = waiting.get(tenant)!;
      const [lane, items] = own.lanes.entries().next().value!;
      const { item, bytes } = items.shift()!;
      own.lanes.delete(lane);
      if (items.length > 0) own.lanes.set(lane, items);
      own.bytes -= bytes;
      bytesInAll -= bytes;
      size -= 1;
      // Behind the others that have been given as much.
      waiting.delete(tenant);
      if (own.lanes.size > 0) waiting.set(tenant, own);
      floorMs = Math.max(floorMs, Math.min(givenTo(tenant), ...[...waiting.keys()].map(givenTo)));
      return item;
    },
    charge(tenant, ms) {
      given.set(tenant, givenTo(tenant) + ms);
      if (given.size > 2 * waiting.size + 1_000) forgetTheEven();
    },
    size: () => size,
  };
}
