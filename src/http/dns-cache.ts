/**
 * Name look-ups with a short memory: thousands of connections to one host must not mean thousands of look-ups, and a
 * name server that hangs must hold up nobody but those who depend on it.
 */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { isNoAnswer, isNoTurn } from './lookup-error.ts';
import { createLookup, type Lookup } from './lookup.ts';

export interface DnsCacheOptions {
  /** How long an answer is used, in ms. Short, since not every resolver tells a record's own TTL. */
  ttlMs?: number;
  /** How long a failure is repeated, in ms: enough to absorb a burst, shorter than most retry delays. */
  failureTtlMs?: number;
  maxNames?: number;
  /** Replaces the resolver in tests. */
  resolve?: Lookup;
}

export interface DnsCache {
  /**
   * Every address of the name. Where no name server answers, what the name had within the last hour. Rejects as
   * dns.lookup does (`code` ENOTFOUND, ETIMEOUT …). `payer`: the tenant whom the look-up is for; look-ups take
   * turns by it.
   */
  resolve(hostname: string, payer?: string): Promise<Addresses>;
}

type Addresses = readonly LookupAddress[];

interface Name {
  /** What it came to last. */
  latest: Promise<Addresses> | null;
  /** `performance.now()` until which that is used. */
  freshUntil: number;
  /** By payer. */
  asking: Map<string, Promise<Addresses>>;
  known: Addresses | null;
  knownAt: number;
}

/** How long known addresses stand in for an answer that does not come (RFC 8767). */
const STALE_MS = 3_600_000;
/** With known addresses at hand, an answer is waited for no longer than this. */
const STALE_AFTER_MS = 1_000;

export function createDnsCache(options: DnsCacheOptions = {}): DnsCache {
  const { ttlMs = 10_000, failureTtlMs = 5_000, maxNames = 10_000 } = options;
  const lookUp = options.resolve ?? createLookup();
  const names = new LRUCache<string, Name>(atMost(maxNames));

  /** What it comes to holds for everybody, unless it did not come to run. */
  function ask(name: Name, hostname: string, payer: string): Promise<Addresses> {
    const asking = lookUp(hostname, payer);
    const settle = (ttl: number) => {
      name.latest = asking;
      name.freshUntil = performance.now() + ttl;
    };
    asking
      .then(
        (addresses) => {
          settle(ttlMs);
          name.known = addresses;
          name.knownAt = performance.now();
        },
        (error) => {
          // What another payer's look-up came to meanwhile stands.
          if (!isNoTurn(error) && performance.now() >= name.freshUntil) settle(failureTtlMs);
        },
      )
      .finally(() => name.asking.delete(payer));
    name.asking.set(payer, asking);
    return asking;
  }

  return {
    resolve(hostname, payer = '') {
      let name = names.get(hostname);
      if (name === undefined) {
        name = { latest: null, freshUntil: 0, asking: new Map(), known: null, knownAt: 0 };
        names.set(hostname, name);
      }
      const now = performance.now();
      const answer =
        name.latest !== null && now < name.freshUntil
          ? name.latest
          : (name.asking.get(payer) ?? ask(name, hostname, payer));
      const { known } = name;
      return known !== null && now < name.knownAt + STALE_MS ? orElse(answer, known) : answer;
    },
  };
}

/** What is known, when there is no answer, or none soon. A name that is gone is gone. */
function orElse(answer: Promise<Addresses>, known: Addresses): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, STALE_AFTER_MS, known);
    answer
      .then(resolve, (error: Error) => (isNoAnswer(error) ? resolve(known) : reject(error)))
      .finally(() => clearTimeout(timer));
  });
}

/** Gives an async resolver the shape that `net.connect` and `tls.connect` take as `lookup`. */
export function asLookup(resolve: (hostname: string) => Promise<Addresses>): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
