/**
 * Look-ups that run are shared by everybody who asks for the name. One that waits for its payer's turn is not: else
 * whoever has sixteen hanging ones could ask for others' names, too, and have these wait behind them.
 */
import type { LookupAddress } from 'node:dns';
import { lookupError, noTurnError } from './lookup-error.ts';
import { createTurns, untilAborted } from './turns.ts';

export interface SharedLookupsOptions {
  /** How many run at a time, of all payers and of each. */
  all: number;
  each: number;
  /** Waiting for a turn may take as long, and from then on the look-up. */
  limitMs: number;
  /** It keeps its turn until it ends, also past the signal. */
  lookUp: (hostname: string, signal: AbortSignal) => Promise<LookupAddress[]>;
}

/** Rejects with a `lookupError`: ETIMEOUT when it ran and came to no end, `noTurnError` when it did not run. */
export type SharedLookups = (hostname: string, payer: string) => Promise<LookupAddress[]>;

type Join = (running: Promise<LookupAddress[]>) => void;

export function createSharedLookups(options: SharedLookupsOptions): SharedLookups {
  const { all, each, limitMs, lookUp } = options;
  const turns = createTurns({ all, each });
  const running = new Map<string, Promise<LookupAddress[]>>();
  /** By name, those who wait for turns of their own, until one of them has one. */
  const waiting = new Map<string, Set<Join>>();

  /** Whoever waits joins; what is returned ends with the turn. */
  function begin(hostname: string): Promise<unknown> {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(lookupError(hostname, 'ETIMEOUT')), limitMs);
    const ends = lookUp(hostname, over.signal);
    const shared = untilAborted(ends, over.signal).finally(() => {
      clearTimeout(timer);
      running.delete(hostname);
    });
    running.set(hostname, shared);
    const joining = waiting.get(hostname) ?? [];
    waiting.delete(hostname);
    for (const join of joining) join(shared);
    return ends;
  }

  function inTurn(hostname: string, payer: string): Promise<LookupAddress[]> {
    return new Promise((resolve, reject) => {
      const wait = new AbortController();
      const timer = setTimeout(() => wait.abort(noTurnError(hostname)), limitMs);
      const join: Join = (shared) => {
        clearTimeout(timer);
        resolve(shared);
        wait.abort();
      };
      const others = waiting.get(hostname) ?? new Set();
      waiting.set(hostname, others.add(join));
      turns
        .run(payer, wait.signal, () => begin(hostname))
        .catch((error: Error) => {
          others.delete(join);
          if (others.size === 0 && waiting.get(hostname) === others) waiting.delete(hostname);
          // Of no effect once it has joined.
          reject(error);
        });
    });
  }

  return (hostname, payer) => running.get(hostname) ?? inTurn(hostname, payer);
}
