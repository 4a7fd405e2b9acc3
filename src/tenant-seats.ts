/**
 * Whoever may have requests sent anywhere could search networks with it, or hold up others. So of each tenant few trials
 * run at a time, and not many in a minute.
 */
import { LRUCache } from 'lru-cache';
import { Problem } from '../problem.ts';

export interface TrialLimits {
  /** At a time, of one tenant and of all. A tenant's first one finds room until all are taken, its second one a little less long. */
  each: number;
  all: number;
  /** Of one tenant in a row, and then so many in a minute; null: as many as come. */
  rate: { burst: number; perMinute: number } | null;
}

const REMEMBERED_TENANTS = 10_000;

/** Returns what ends a trial. Throws a Problem when there is no room for it. */
export function createTrialLimits({ each, all, rate }: TrialLimits, now = () => performance.now()) {
  const running = new Map<string, number>();
  /** When the next trial would be due if they came one by one, by tenant. */
  const due = new LRUCache<string, number>({ max: REMEMBERED_TENANTS });
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
    const own = running.get(tenantId) ?? 0;
    if (own >= each) throw tooMany(`${each} of this tenant's are under way: wait for them to end.`, 1);
    // The more of them it has, the more must be left for those who have none.
    if (total >= (all * (each - own)) / each)
      throw tooMany('Too many are under way at the moment; try again shortly.', 1);
    spend(tenantId);
    total += 1;
    running.set(tenantId, own + 1);
    return () => {
      total -= 1;
      const left = running.get(tenantId)! - 1;
      if (left === 0) running.delete(tenantId);
      else running.set(tenantId, left);
    };
  };
}

const tooMany = (words: string, retryAfterSeconds: number): Problem =>
  new Problem('too_many_requests', words, [], retryAfterSeconds);
