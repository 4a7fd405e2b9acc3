/** When a call for several deliveries comes back: not for each that is over, and not only when all are. */
import { standingAfter, type Outcome, type UnderWayOutcome } from '../src/outcome.ts';
import type { AttemptOrder } from './types.ts';

export interface Gathering {
  /** One of them is over. */
  add(order: AttemptOrder, outcome: Outcome): void;
  /** Resolves when what is over is wanted: with what is to be said of the rest. */
  readonly over: Promise<UnderWayOutcome>;
  isOver(): boolean;
  end(): void;
}

/** What is over waits so long for the others, unless its next attempt is due before. */
const GATHER_MS = 3_000;
/** By then its workflow wants to know of that, and to have set a timer. */
const AHEAD_MS = 300;
/** What was not attempted says something about its endpoint that is still to be written. */
const SKIPPED_MS = 50;

export function createGathering(): Gathering {
  let resolve: (outcome: UnderWayOutcome) => void;
  const over = new Promise<UnderWayOutcome>((tell) => (resolve = tell));
  let isOver = false;
  let endAtMs = Infinity;
  let timer: NodeJS.Timeout | undefined;

  function end(): void {
    isOver = true;
    resolve({ kind: 'underWay' });
  }

  return {
    over,
    isOver: () => isOver,
    add(order, outcome) {
      const atMs = Date.now() + patienceMs(order, outcome, Date.now());
      if (atMs >= endAtMs) return;
      endAtMs = atMs;
      clearTimeout(timer);
      timer = setTimeout(end, atMs - Date.now());
    },
    end: () => clearTimeout(timer),
  };
}

/** How long an outcome may wait for those of others. */
export function patienceMs(order: AttemptOrder, outcome: Outcome, nowMs: number): number {
  if (outcome.kind === 'deferred') return beforeMs(outcome.untilMs, nowMs);
  if (outcome.kind !== 'attempt') return SKIPPED_MS;
  const { nextAttemptAtMs } = standingAfter(outcome, order.scheduled ?? order.number - 1);
  return nextAttemptAtMs === null ? GATHER_MS : beforeMs(nextAttemptAtMs, nowMs);
}

const beforeMs = (atMs: number, nowMs: number): number =>
  Math.max(0, Math.min(GATHER_MS, atMs - AHEAD_MS - nowMs));
