import type { LanePlace } from '../../store/claim-lane.ts';
import { laneHeads, type LaneHead } from '../../store/lane-heads.ts';
import { laneNews } from '../../store/lane-news.ts';
import type { LaneWait } from '../../lane-run.ts';
import { readyAtMs, runKey } from './key-run.ts';
import type { LaneWork } from './work.ts';

/** Of heads that wait, what a look at all of them has found. */
export interface Found {
  /** The first of them. */
  waits: LaneWait[];
  waiting: number;
  nextDueAtMs: number | null;
}

/** Finds heads that may be sent, and begins with them, for as long as there are places. */
export interface Look {
  /**
   * At all heads, page by page; between the pages at news: a hundred thousand keys take seconds. Null when that was cut short.
   * `place`: how far the lane is filled.
   */
  atAll(place: LanePlace): Promise<Found | null>;
  /** At what has come in since the last look, or is due. */
  atNews(): Promise<void>;
  /** Keys that are being worked through. */
  underWay(): number;
  /** Resolves when none is any more. Throws what was our own fault in one of them. */
  idle(): Promise<void>;
}

const HEADS = 200;
const MAX_KEYS_AT_ONCE = 64;
const MAX_WAITS = 20;

export function createLook({ deps, state, signal }: LaneWork): Look {
  const { endpointId } = state.order;
  const busy = new Map<string, Promise<void>>();
  let seen: LanePlace = 0;
  let fault: unknown;

  function launch(key: string): void {
    const done = runKey(deps, state, key)
      .catch((error: unknown) => {
        fault ??= error;
        state.stop();
      })
      .finally(() => {
        busy.delete(key);
        if (busy.size === 0) signal.set();
      });
    busy.set(key, done);
  }

  /** False when nothing more is to be begun. */
  async function begin({ key }: LaneHead): Promise<boolean> {
    while (busy.size >= Math.min(MAX_KEYS_AT_ONCE, Math.max(1, deps.shareOf(endpointId)))) {
      if (state.ending()) return false;
      await Promise.race([...busy.values(), signal.ended]);
    }
    if (state.ending()) return false;
    // It may have been begun by the time there was a place.
    if (!busy.has(key)) launch(key);
    return true;
  }

  const isReady = (head: LaneHead): boolean => readyAtMs(state, head) <= Date.now();

  async function atNews(): Promise<void> {
    const { heads, place } = await laneNews(deps.db, endpointId, seen, HEADS);
    seen = Math.max(seen, place);
    for (const head of heads) if (!busy.has(head.key) && isReady(head) && !(await begin(head))) return;
  }

  return {
    async atAll(place) {
      // What came before is among the heads.
      seen = place;
      const found: Found = { waits: [], waiting: 0, nextDueAtMs: null };
      for (let after: string | null = null; ;) {
        const heads: LaneHead[] = await laneHeads(deps.db, endpointId, after, HEADS);
        for (const head of heads) {
          if (busy.has(head.key)) continue;
          if (!isReady(head)) note(found, head, readyAtMs(state, head));
          else if (!(await begin(head))) return null;
        }
        if (state.ending()) return null;
        if (heads.length < HEADS) return found;
        after = heads.at(-1)!.key;
        await atNews();
      }
    },
    atNews,
    underWay: () => busy.size,
    async idle() {
      await Promise.all(busy.values());
      if (fault !== undefined) throw fault as Error;
    },
  };
}

function note(found: Found, { key, deliveryId, attempts }: LaneHead, atMs: number): void {
  const dueAtMs = atMs === Infinity ? null : atMs;
  found.waiting += 1;
  if (found.waits.length < MAX_WAITS) found.waits.push({ key, deliveryId, attempts, dueAtMs });
  if (dueAtMs !== null) found.nextDueAtMs = Math.min(found.nextDueAtMs ?? Infinity, dueAtMs);
}
