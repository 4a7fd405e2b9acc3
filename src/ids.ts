import { v7 as uuidv7 } from 'uuid';

/** `<prefix>_<32 hex>`: sorts by time of creation, so lists page by id and B-trees grow at one end. */
export function newId(prefix: 'evt' | 'ep' | 'dlv' | 'set'): string {
  return `${prefix}_${uuidv7().replaceAll('-', '')}`;
}

/** The smallest delivery id that can have been made at `time` (for `since` and `until`). */
export function lowestDeliveryIdAt(time: Date): string {
  return `dlv_${Math.max(0, time.getTime()).toString(16).padStart(12, '0')}`;
}
