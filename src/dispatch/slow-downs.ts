import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { atMost } from '../bounded.ts';
import { createBatcher } from '../batcher.ts';
import type { AttemptTrigger, Endpoint } from '../domain.ts';
import type { AttemptOutcome } from '../outcome.ts';
import { RETRY_AFTER_CAP_SECONDS } from '../schedule.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { Queryable } from '../store/pool.ts';
import { endSlowDown, slowEndpoints, type SlowDown } from '../store/slow-endpoints.ts';

/**
 * Endpoints that have answered 429 or 503 with Retry-After: until then nothing is sent to them, from whatever process.
 * What somebody waits for all the same is sent, and if it succeeds, the slow-down is over.
 */
export interface SlowDowns {
  /** Milliseconds that an attempt has to wait; 0: none. */
  waitMs(endpoint: Endpoint, trigger: AttemptTrigger): number;
  /** An attempt was answered. `wasSlow`: it was sent in spite of a slow-down. */
  note(endpoint: Endpoint, outcome: AttemptOutcome, wasSlow: boolean): void;
  isSlow(endpoint: Endpoint): boolean;
  /** Unix ms; 0: none is known. */
  untilMs(endpointId: string): number;
  /** Another process says so. */
  learn(endpointId: string, forMs: number): void;
  /** Its row has changed, and says how it is. */
  forget(endpointId: string): void;
  forgetAll(): void;
}

export interface SlowDownsDeps {
  db: Queryable;
  endpoints: Pick<EndpointCache, 'drop'>;
  /** Nothing keeps it from being sent more. */
  onEnd(endpointId: string): void;
  log: Logger;
}

const MAX_KNOWN = 10_000;
const MAX_GROUP = 200;
/** A hundred answers at once say the same: what adds less is not written. */
const NEGLIGIBLE_MS = 1_000;
/** Of people, and of us when we ask whether it is there again. */
const IN_SPITE: readonly string[] = ['manual', 'test', 'probe'] satisfies (AttemptTrigger | 'probe')[];

export const goesInSpite = (trigger: AttemptTrigger): boolean => IN_SPITE.includes(trigger);

export function createSlowDowns({ db, endpoints, onEnd, log }: SlowDownsDeps): SlowDowns {
  /** By endpoint: until when (Unix ms). What is not in here, the endpoint's row may know. */
  const known = new LRUCache<string, number>(atMost(MAX_KNOWN));
  const writes = createBatcher<SlowDown, null>({
    maxItems: MAX_GROUP,
    concurrency: 1,
    keys: ({ endpointId }) => [endpointId],
    async run(slowDowns) {
      await slowEndpoints(db, slowDowns);
      return slowDowns.map(() => null);
    },
  });

  function untilOf({ id, slowedUntil }: Endpoint): number {
    const untilMs = known.get(id);
    if (untilMs !== undefined) return untilMs;
    if (slowedUntil === null) return 0;
    const fromRowMs = slowedUntil.getTime();
    if (fromRowMs > Date.now()) known.set(id, fromRowMs);
    return fromRowMs;
  }

  function slow({ tenantId, id, url }: Endpoint, seconds: number): void {
    const forMs = Math.min(seconds, RETRY_AFTER_CAP_SECONDS) * 1000;
    const untilMs = Date.now() + forMs;
    if (untilMs <= (known.get(id) ?? 0) + NEGLIGIBLE_MS) return;
    known.set(id, untilMs);
    writes.submit({ tenantId, endpointId: id, url, forMs }).catch((error: unknown) => {
      log.warn(
        { err: error, endpointId: id },
        'only this process knows that an endpoint is to be left alone',
      );
    });
  }

  function end({ tenantId, id }: Endpoint): void {
    known.delete(id);
    endSlowDown(db, tenantId, id)
      .catch((error: unknown) => {
        log.warn({ err: error, endpointId: id }, 'an endpoint answers again, and is left alone all the same');
      })
      .finally(() => {
        endpoints.drop(tenantId, id);
        // What was cached until now may have said otherwise.
        known.delete(id);
        onEnd(id);
      });
  }

  return {
    waitMs(endpoint, trigger) {
      if (endpoint.slowedUntil === null && known.size === 0) return 0;
      return goesInSpite(trigger) ? 0 : Math.max(0, untilOf(endpoint) - Date.now());
    },
    note(endpoint, { succeeded, retryAfterSeconds }, wasSlow) {
      if (retryAfterSeconds !== null && retryAfterSeconds > 0) slow(endpoint, retryAfterSeconds);
      else if (succeeded && wasSlow) end(endpoint);
    },
    isSlow: (endpoint) => untilOf(endpoint) > Date.now(),
    untilMs: (endpointId) => known.get(endpointId) ?? 0,
    learn: (endpointId, forMs) => void known.set(endpointId, Date.now() + forMs),
    forget: (endpointId) => void known.delete(endpointId),
    forgetAll: () => known.clear(),
  };
}
