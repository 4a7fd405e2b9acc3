import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { elapsedMs, moment, type Moment } from '../moment.ts';

/** So long what has been read counts. */
const FRESH_MS = 500;
const MAX_REMEMBERED = 10_000;

/**
 * What the table says, read twice a second for each key that is asked for, and once for all who ask at the same time: for
 * what has to be right while notifications may be missed.
 */
export function createFreshLookUps<Found>(
  read: (key: string) => Promise<Found>,
): (key: string) => Promise<Found> {
  const recent = new LRUCache<string, { found: Promise<Found>; askedAt: Moment }>(atMost(MAX_REMEMBERED));
  return (key) => {
    const known = recent.get(key);
    if (known && elapsedMs(known.askedAt) < FRESH_MS) return known.found;
    const one = { found: read(key), askedAt: moment() };
    recent.set(key, one);
    one.found.catch(() => {
      if (recent.peek(key) === one) recent.delete(key);
    });
    return one.found;
  };
}
