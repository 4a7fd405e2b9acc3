/**
 * Name lookups with a short memory. They go through the system's resolver (hosts file, search domains), which
 * occupies a libuv thread each; thousands of connections to one host must not mean thousands of lookups.
 */
import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { LRUCache } from 'lru-cache';

export interface DnsCacheOptions {
  /** How long an answer is used, in ms. Short, since the system's resolver does not tell a record's own TTL. */
  ttlMs?: number;
  /** How long a failure is repeated, in ms: enough to absorb a burst, shorter than any retry delay. */
  failureTtlMs?: number;
  maxNames?: number;
  /** Replaces the system's resolver in tests. */
  resolve?: (hostname: string) => Promise<LookupAddress[]>;
}

export interface DnsCache {
  /** Every address of the name, in the resolver's order. Rejects as dns.lookup does (`code` ENOTFOUND, EAI_AGAIN …). */
  resolve(hostname: string): Promise<readonly LookupAddress[]>;
}

export function createDnsCache(options: DnsCacheOptions = {}): DnsCache {
  const { ttlMs = 10_000, failureTtlMs = 1_000, maxNames = 10_000, resolve = resolveBySystem } = options;
  // Promises rather than answers, so that lookups of one name at the same time share one.
  const answers = new LRUCache<string, Promise<readonly LookupAddress[]>>({ max: maxNames });

  return {
    resolve(hostname) {
      const known = answers.get(hostname);
      if (known !== undefined) return known;
      const answer = resolve(hostname);
      answers.set(hostname, answer);
      const keepFor = (ttl: number) => () => {
        if (answers.peek(hostname) === answer) answers.set(hostname, answer, { ttl });
      };
      answer.then(keepFor(ttlMs), keepFor(failureTtlMs));
      return answer;
    },
  };
}

/** Gives an async resolver the shape that `net.connect` and `tls.connect` take as `lookup`. */
export function asLookup(resolve: (hostname: string) => Promise<readonly LookupAddress[]>): LookupFunction {
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

function resolveBySystem(hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}
