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

/** As uuidv7() does by itself when it is not given its random bytes: within a millisecond ids count up. */
function uuid(): string {
  const random = randomOfId();
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // 31 bits: room to count up in.
    seq = random.readUInt32BE() >>> 1;
  } else {
    seq += 1;
  }
  return uuidv7({ random, msecs, seq });
}

/** `<prefix>_<32 hex>`: sorts by time of creation, so lists page by id and B-trees grow at one end. */
export function newId(prefix: 'evt' | 'ep' | 'dlv' | 'set'): string {
  return `${prefix}_${uuid().replaceAll('-', '')}`;
}

/** The smallest delivery id that can have been made at `time` (for `since` and `until`). */
export function lowestDeliveryIdAt(time: Date): string {
  return `dlv_${Math.max(0, time.getTime()).toString(16).padStart(12, '0')}`;
}
