import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';

export interface Breaker {
  /** How many seconds more this is not to be tried; 0: it may. */
  closedForSeconds(key: string): number;
  /** It went beyond its limits once more. */
  strike(key: string): void;
  /** It kept within them. */
  clear(key: string): void;
}

const STRIKES = 3;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;
const MAX_KEYS = 10_000;

/**
 * What goes beyond its limits again and again is not tried for a while, longer each time: even in its own tenant's turns
 * it would keep a processor busy for nothing.
 */
export function createBreaker(now = () => performance.now()): Breaker {
  const struck = new LRUCache<string, { strikes: number; untilMs: number }>(atMost(MAX_KEYS));
  return {
    closedForSeconds(key) {
      const leftMs = (struck.get(key)?.untilMs ?? 0) - now();
      return leftMs > 0 ? Math.ceil(leftMs / 1_000) : 0;
    },
    strike(key) {
      const strikes = (struck.get(key)?.strikes ?? 0) + 1;
      const pauses = strikes - STRIKES;
      const pauseMs = pauses < 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** Math.min(pauses, 10), LONGEST_PAUSE_MS);
      struck.set(key, { strikes, untilMs: now() + pauseMs });
    },
    clear: (key) => void struck.delete(key),
  };
}
