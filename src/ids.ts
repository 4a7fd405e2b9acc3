import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

const ID_BYTES = 16;
/** Filled for many ids at once: asking the system for each costs more than the rest of an id. */
const pool = Buffer.alloc(256 * ID_BYTES);
let used = pool.length;

function randomOfId(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += ID_BYTES));
}

let msecs = 0;
let seq = 0;

/**
 * When the clock is set back, ids go on ascending; but not by more than this: they would be those of a time that others take
 * for the future, for as long as the clock had been wrong.
 */
export const MAX_AHEAD_MS = 5_000;

/** As uuidv7() does by itself when it is not given its random bytes: within a millisecond ids count up. */
function uuid(): string {
  const random = randomOfId();
  const now = Date.now();
  if (now > msecs || now < msecs - MAX_AHEAD_MS) {
    msecs = now;
    // 31 bits: room to count up in.
    seq = random.readUInt32BE() >>> 1;
  } else {
    seq += 1;
  }
  return uuidv7({ random, msecs, seq });
}

/** `<prefix>_<32 hex>`: sorts by time of creation, so lists page by id and B-trees grow at one end. */
export function newId(prefix: 'evt' | 'ep' | 'dlv' | 'set' | 'key' | 'tok' | 'sig' | 'rpl'): string {
  return `${prefix}_${uuid().replaceAll('-', '')}`;
}

/** The workflow that works through an endpoint's lane. */
export const LANE_PREFIX = 'lane-';
export const laneOf = (endpointId: string): string => LANE_PREFIX + endpointId;
export const isLane = (workflowId: string): boolean => workflowId.startsWith(LANE_PREFIX);

/** Whether we may have given it to an event: callers choose what ids they like. */
export const looksLikeEventUid = (id: string): boolean => /^evt_[0-9a-f]{32}$/.test(id);

/** The smallest id that can have been made at `time` (for `since` and `until`, and for the partitions of a day). */
export function lowestIdAt(prefix: 'evt' | 'dlv' | 'ntc' | 'aud', time: Date): string {
  return `${prefix}_${Math.max(0, time.getTime()).toString(16).padStart(12, '0')}`;
}

export const lowestDeliveryIdAt = (time: Date): string => lowestIdAt('dlv', time);

/**
 * The lowest and the highest of some ids. A statement that looks up `id = ANY ($1)` takes them as parameters, too, so
 * that Postgres leaves out the partitions of other days: it cannot tell those from an array or a join.
 */
export function idRange(ids: string[]): [lowest: string, highest: string] {
  let lowest = ids[0] ?? '';
  let highest = lowest;
  for (const id of ids) {
    if (id < lowest) lowest = id;
    if (id > highest) highest = id;
  }
  return [lowest, highest];
}

/** When an id of ours was made (Unix ms). */
export function createdAtMs(id: string): number {
  const start = id.indexOf('_') + 1;
  return Number.parseInt(id.slice(start, start + 12), 16);
}
