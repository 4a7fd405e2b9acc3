/** What people and programs send to a workflow, as far as sense can be made of it. Never throws, whatever came. Pure. */
import type { DeliveryInput, Progress } from './messages.ts';

export interface ReadOrder {
  /** Null: it names none. */
  deliveryId: string | null;
  after: number;
}

/** More attempts than any delivery has seen: what is beyond is a mistake. */
const MAX_AFTER = 1_000_000;

/** Nothing, an id, or an object which may name one. Else a sentence that says what it is instead. */
export function readOrder(raw: unknown): ReadOrder | string {
  if (raw === undefined || raw === null) return { deliveryId: null, after: 0 };
  if (typeof raw === 'string') return { deliveryId: raw, after: 0 };
  if (!isRecord(raw)) return `its input is ${Array.isArray(raw) ? 'a list' : `a ${typeof raw}`}`;
  const { deliveryId = null, after } = raw;
  if (deliveryId !== null && typeof deliveryId !== 'string') return 'its deliveryId is not a string';
  return { deliveryId, after: isCount(after) && after <= MAX_AFTER ? after : 0 };
}

/** A list of ids, or an object which has one. Else a sentence that says what it is instead. */
export function readIds(raw: unknown): string[] | string {
  const ids = isRecord(raw) ? raw.deliveryIds : raw;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) return 'it has no list of ids';
  return ids;
}

/** The input, or a sentence that says what is wrong with it. Fields of later versions are left alone. */
export function readInput(raw: unknown): DeliveryInput | string {
  if (!isRecord(raw) || !isRecord(raw.deliveries)) return 'it has no "deliveries"';
  const ids: unknown[] = Object.values(raw.deliveries).flat();
  if (!ids.every((id) => typeof id === 'string')) return '"deliveries" is not lists of ids by endpoint id';
  const progress = raw.progress ?? {};
  if (!isRecord(progress) || !Object.values(progress).every(isProgress)) {
    return 'its "progress" is not {attempts, scheduled, dueAtMs} by delivery id';
  }
  return raw as unknown as DeliveryInput;
}

function isProgress(value: unknown): value is Progress {
  if (!isRecord(value)) return false;
  const { attempts, scheduled, dueAtMs } = value;
  return isCount(attempts) && isCount(scheduled) && (dueAtMs === null || isTime(dueAtMs));
}

/** What a Date can hold. */
const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= 8.64e15;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
