import type { Logger } from 'pino';
import type { Carrier } from './carriers.ts';

export interface Starter {
  /** Starts the carrier's workflow as soon as its turn comes, and tries on for as long as Temporal is away. */
  enqueue(carrier: Carrier): void;
  /** Carriers that wait for their turn. */
  queued(): number;
}

export interface StarterDeps {
  start(carrier: Carrier): Promise<void>;
  maxInFlight: number;
  /** True when too much waits to be kept in memory: what cannot be started then is left to the sweep. */
  isOverfull(carrier: Carrier): boolean;
  /** Started, or left to the sweep. */
  onDone(carrier: Carrier): void;
  log: Logger;
}

const RETRY_START_MS = 1_000;
const COMPLAIN_EVERY_MS = 60_000;

/** Starts workflows, a few at a time; when one cannot be started, it and all behind it wait for a second. */
export function createStarter({ start, maxInFlight, isOverfull, onDone, log }: StarterDeps): Starter {
  const queue: Carrier[] = [];
  let inFlight = 0;
  let isAway = false;
  let pausedUntilMs = -Infinity;
  let complainedAtMs = -Infinity;

  function pump(): void {
    // While Temporal is away, one start is enough to find out whether it is back: each takes seconds to fail.
    while (inFlight < (isAway ? 1 : maxInFlight) && queue.length > 0 && performance.now() >= pausedUntilMs) {
      inFlight += 1;
      void startOne(queue.shift()!);
    }
  }

  async function startOne(carrier: Carrier): Promise<void> {
    try {
      await start(carrier);
      isAway = false;
      onDone(carrier);
    } catch (error) {
      isAway = true;
      if (isOverfull(carrier)) {
        log.warn({ deliveries: carrier.passengers.length }, 'Temporal is away: these are left to the sweep');
        onDone(carrier);
      } else {
        if (performance.now() >= pausedUntilMs) complain(error);
        queue.unshift(carrier);
        pausedUntilMs = performance.now() + RETRY_START_MS;
        setTimeout(pump, RETRY_START_MS + 5).unref();
      }
    } finally {
      inFlight -= 1;
      pump();
    }
  }

  /** Temporal may be away for long: once a minute is enough. */
  function complain(error: unknown): void {
    if (performance.now() - complainedAtMs < COMPLAIN_EVERY_MS) return;
    complainedAtMs = performance.now();
    log.warn({ err: (error as Error).message }, 'delivery workflows cannot be started; trying on');
  }

  return {
    enqueue(carrier) {
      // What waits is bounded; what is left out now is taken up from the table, or needs no workflow any more.
      if (isAway && isOverfull(carrier)) return onDone(carrier);
      queue.push(carrier);
      pump();
    },
    queued: () => queue.length,
  };
}
