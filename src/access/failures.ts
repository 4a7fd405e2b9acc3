import { LRUCache } from 'lru-cache';
import { isIPv6 } from 'node:net';
import { atMost } from '../bounded.ts';

/** Addresses that present wrong credentials are slowed: after some, they are told to wait before they are looked at. */
export interface Failures {
  /** Seconds until a wrong credential of the address is looked at again; null: now. */
  waitSeconds(address: string): number | null;
  count(address: string): void;
}

export const FREE_FAILURES = 20;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

export function createFailures(now: () => number = () => performance.now()): Failures {
  const byAddress = new LRUCache<string, { count: number; endsAtMs: number }>(atMost(MAX_ADDRESSES));
  function current(address: string) {
    const one = byAddress.get(networkOf(address));
    return one && one.endsAtMs > now() ? one : null;
  }
  return {
    waitSeconds(address) {
      const one = current(address);
      return one && one.count >= FREE_FAILURES ? Math.max(1, Math.ceil((one.endsAtMs - now()) / 1000)) : null;
    },
    count(address) {
      const one = current(address);
      if (one) one.count += 1;
      else byAddress.set(networkOf(address), { count: 1, endsAtMs: now() + WINDOW_MS });
    },
  };
}

/** Whoever has one IPv6 address has 2^64 of them. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...rest].slice(0, 4).join(':');
}
