import { Overloaded } from '../batcher.ts';
import { Problem } from '../problem.ts';
import { describeTrouble, isConnectionError } from '../store/pool.ts';

/** Who waits for a publish. */
export interface Caller {
  /** It has had its answer: what has not been begun for it need not be. */
  gone: boolean;
}

/** How long a publish waits for Postgres, and what it says then. */
export interface Patience {
  /** Tries on while Postgres is away, for a few seconds; `again` tells it from the first try. */
  tryOn<T>(work: (again: boolean) => Promise<T>): Promise<T>;
  /**
   * What `work` comes to; or, once Postgres has been silent for too long, a Problem. What is under way then goes on, and is
   * seen to the end.
   */
  inTime<T>(work: (caller: Caller) => Promise<T>): Promise<T>;
  /** Postgres has written something. */
  written(): void;
  /** Why the last publish failed, in words without secrets; null: it did not, or that is some time ago. */
  trouble(): string | null;
}

/** Tries begin for so long. */
export const PATIENCE_MS = 5_000;
/**
 * Callers have an answer when Postgres has written nothing for so long: whoever waits behind others is not refused while
 * those go on. Longer than a statement may take, whose error says more.
 */
export const SILENCE_MS = 7_000;
const PAUSE_MS = 200;
/** What kept an event from being accepted is taken to last this long, unless one is accepted meanwhile. */
const TROUBLE_MS = 10_000;
/** A write that failed may have been committed, and only its answer lost. */
const UNKNOWN_FATE =
  'Send the event again with the same id or idempotency key: it may have been accepted, or not.';

/** What failed is too old to be tried again. */
export class TooLate extends Error {
  /** Of the last try. */
  readonly failure: unknown;
  constructor(failure: unknown) {
    super('too late to be tried again');
    this.failure = failure;
  }
}

export function createPatience(): Patience {
  let trouble: { words: string; atMs: number } | null = null;
  let writtenAtMs = -Infinity;

  function giveUp(words: string): Problem {
    trouble = { words, atMs: performance.now() };
    return Problem.unavailable(`${words}. ${UNKNOWN_FATE}`, 2);
  }

  return {
    async tryOn(work) {
      const giveUpAtMs = performance.now() + PATIENCE_MS;
      for (let again = false; ; again = true) {
        try {
          return await work(again);
        } catch (error) {
          if (error instanceof Overloaded)
            throw Problem.unavailable('Too many events wait to be written; slow down.', 1);
          if (error instanceof TooLate) throw giveUp(describeTrouble(error.failure));
          if (!isConnectionError(error)) throw error;
          if (performance.now() + PAUSE_MS > giveUpAtMs) throw giveUp(describeTrouble(error));
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      }
    },

    async inTime(work) {
      const caller = { gone: false };
      const begunAtMs = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        const look = () => {
          const leftMs = Math.max(begunAtMs, writtenAtMs) + SILENCE_MS - performance.now();
          if (leftMs > 0) return void (timer = setTimeout(look, leftMs));
          caller.gone = true;
          reject(giveUp('Postgres does not answer'));
        };
        timer = setTimeout(look, SILENCE_MS);
      });
      try {
        return await Promise.race([work(caller), silence]);
      } finally {
        clearTimeout(timer);
      }
    },

    written() {
      writtenAtMs = performance.now();
      trouble = null;
    },

    trouble: () => (trouble && performance.now() - trouble.atMs < TROUBLE_MS ? trouble.words : null),
  };
}
