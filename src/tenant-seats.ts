/**
 * Seats for what lasts a while and costs us something: of each tenant few at a time, and of all not too many, so that a
 * tenant that takes all it gets leaves room for others.
 */
import { LRUCache } from 'lru-cache';
import { atMost } from './bounded.ts';
import { Problem } from './problem.ts';

export interface TenantSeats {
  /** At a time, of one tenant and of all. A tenant's first one finds a seat until all are taken, its second one a little less long. */
  each: number;
  all: number;
  /** Of one tenant in a row, and then so many in a minute; null: as many as come. */
  rate: { burst: number; perMinute: number } | null;
}

const REMEMBERED_TENANTS = 10_000;

/** Returns what takes a seat, and gives what leaves it again. Throws a Problem when there is none. */
export function createTenantSeats({ each, all, rate }: TenantSeats, now = () => performance.now()) {
  const taken = new Map<string, number>();
  /** When the next one would be due if they came one by one, by tenant. */
  const due = new LRUCache<string, number>(atMost(REMEMBERED_TENANTS));
  let total = 0;

  function spend(tenantId: string): void {
    if (rate === null) return;
    const stepMs = 60_000 / rate.perMinute;
    const dueAt = Math.max(due.get(tenantId) ?? 0, now());
    const waitMs = dueAt - (rate.burst - 1) * stepMs - now();
    if (waitMs > 0) {
      const words = `This tenant has tried a lot: ${rate.perMinute} times a minute are possible.`;
      throw tooMany(words, Math.ceil(waitMs / 1000));
    }
    due.set(tenantId, dueAt + stepMs);
  }

  return (tenantId: string): (() => void) => {
    const own = taken.get(tenantId) ?? 0;
    if (own >= each) throw tooMany(`${each} of this tenant's are under way: wait for them to end.`, 1);
    // The more of them it has, the more must be left for those who have none.
    if (total >= (all * (each - own)) / each)
      throw tooMany('Too many are under way at the moment; try again shortly.', 1);
    spend(tenantId);
    total += 1;
    taken.set(tenantId, own + 1);
    return () => {
      total -= 1;
      const left = taken.get(tenantId)! - 1;
      if (left === 0) taken.delete(tenantId);
      else taken.set(tenantId, left);
    };
  };
}

const tooMany = (words: string, retryAfterSeconds: number): Problem =>
  new Problem('too_many_requests', words, [], retryAfterSeconds);
