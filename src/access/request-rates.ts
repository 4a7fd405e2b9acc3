import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { Problem } from '../problem.ts';
import type { Credential } from './credential.ts';

/**
 * How many requests a credential may send: of each key by itself, and of a tenant's tokens together, since whoever sits before
 * one page can have another. By process, and in memory: it keeps one caller from taking all of it, no more.
 */
export interface RequestRates {
  /** Counts one request. Throws a Problem when it is one too many. */
  take(credential: Credential): void;
}

export interface RequestRateLimits {
  /** Requests a second; null: as many as come. The root key has no limit. */
  perKey: number | null;
  perTenantOfTokens: number | null;
}

/** In a row, before the rate counts: what two seconds bring. */
const BURST_SECONDS = 2;
/** Whoever has not asked for long is forgotten, and may begin anew. */
const MAX_REMEMBERED = 20_000;

export function createRequestRates(
  { perKey, perTenantOfTokens }: RequestRateLimits,
  now: () => number = () => performance.now(),
): RequestRates {
  /** When the next request would be due if they came evenly. */
  const due = new LRUCache<string, number>(atMost(MAX_REMEMBERED));

  function spend(who: string, perSecond: number, words: string): void {
    const at = now();
    const dueAt = Math.max(due.get(who) ?? 0, at);
    const waitMs = dueAt - BURST_SECONDS * 1000 - at;
    if (waitMs >= 0) {
      const waitSeconds = Math.max(1, Math.ceil(waitMs / 1000));
      throw new Problem(
        'too_many_requests',
        `${words} more than ${perSecond} requests a second: wait ${waitSeconds} s.`,
        [],
        waitSeconds,
      );
    }
    due.set(who, dueAt + 1000 / perSecond);
  }

  return {
    take({ kind, id, tenantId }) {
      if (kind === 'key' && perKey !== null) spend(id!, perKey, 'This API key has sent');
      else if (kind === 'token' && perTenantOfTokens !== null)
        spend(`tenant ${tenantId}`, perTenantOfTokens, 'The tokens of this tenant have sent');
    },
  };
}
