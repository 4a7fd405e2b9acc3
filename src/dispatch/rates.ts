import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptTrigger, Endpoint } from '../domain.ts';
import type { AttemptOutcome } from '../outcome.ts';
import { RESERVED_AHEAD_MS } from '../rate-limit.ts';
import type { ComeAgain, Gate, Slot } from './gate.ts';
import type { Job } from './job.ts';
import { patienceMs, type WaitKind } from './meter.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { SlowDowns } from './slow-downs.ts';

/** When an endpoint may be sent something: by its rate limit, and by what it has asked for itself. */
export interface Rates {
  /** The way to a slot of the gate, for every attempt. What is due within a second or so waits for that, and holds nothing. */
  enter(endpoint: Endpoint | null, attempt: WaitingAttempt): Promise<Slot | ComeAgain>;
  /** The endpoint has asked to be left alone since the attempt entered; null: it may be made. */
  comeAgain(endpoint: Endpoint, trigger: AttemptTrigger): ComeAgain | null;
  /**
   * Its slot was given it a while ago, and something else held it up: what was held up with it must not begin all at once,
   * so that it has to enter again. Only where the endpoint has a limit.
   */
  hasMissedTurn(endpoint: Endpoint, slot: Slot): boolean;
  isSlow(endpoint: Endpoint): boolean;
  /** What it came to; `wasSlow`: it was made in spite of a slow-down. */
  note(endpoint: Endpoint, outcome: AttemptOutcome, wasSlow: boolean): void;
  /** How many of the endpoint may wait in this process. */
  roomOf(endpointId: string): number;
  /** Where that is none: until when (Unix ms). */
  restsUntilMs(endpointId: string): number;
}

export interface WaitingAttempt {
  job: Pick<Job, 'endpointId' | 'number' | 'event'>;
  trigger: AttemptTrigger;
}

export interface RatesDeps {
  gate: Gate;
  limiter: RateLimiter;
  slowDowns: SlowDowns;
  /** An attempt is not made now, but asked for again later. */
  onDelayed(reason: 'rate_limit' | 'retry_after'): void;
}

/** At least; at a low rate a turn that is lost costs much, and hardly anything is held up together. */
const TURN_MS = 500;
/** After a slow-down not everything comes at the same moment. */
const SPREAD_PART = 0.1;
const MAX_SPREAD_MS = 60_000;

export function createRates({ gate, limiter, slowDowns, onDelayed }: RatesDeps): Rates {
  function leftAloneFor(waitMs: number): ComeAgain {
    onDelayed('retry_after');
    const spreadMs = Math.random() * Math.min(MAX_SPREAD_MS, waitMs * SPREAD_PART);
    return { comeAgainAtMs: Math.ceil(Date.now() + waitMs + spreadMs) };
  }

  async function enterMetered(endpoint: Endpoint, attempt: WaitingAttempt): Promise<Slot | ComeAgain> {
    const meter = limiter.meterOf(endpoint);
    const entrant = entrantOf(endpoint, attempt);
    if (!meter) return gate.enter(entrant);
    const entered = await gate.enterMetered({ ...entrant, meter, kind: kindOf(attempt) });
    if ('comeAgainAtMs' in entered) onDelayed('rate_limit');
    return entered;
  }

  async function waitAndEnter(waitMs: number, endpoint: Endpoint, attempt: WaitingAttempt) {
    await sleep(waitMs);
    return enterMetered(endpoint, attempt);
  }

  return {
    enter(endpoint, attempt) {
      const waitMs = endpoint ? slowDowns.waitMs(endpoint, attempt.trigger) : 0;
      if (waitMs > RESERVED_AHEAD_MS) return Promise.resolve(leftAloneFor(waitMs));
      if (endpoint && waitMs > 0) return waitAndEnter(waitMs, endpoint, attempt);
      if (endpoint && (endpoint.rateLimit || limiter.knows(endpoint.id)))
        return enterMetered(endpoint, attempt);
      return gate.enter(entrantOf(endpoint, attempt));
    },
    comeAgain(endpoint, trigger) {
      const waitMs = slowDowns.waitMs(endpoint, trigger);
      return waitMs > 0 ? leftAloneFor(waitMs) : null;
    },
    hasMissedTurn: ({ rateLimit }, { takenAtMs }) =>
      rateLimit !== null && performance.now() - takenAtMs > patienceMs(rateLimit.perSecond, TURN_MS),
    isSlow: (endpoint) => slowDowns.isSlow(endpoint),
    note: (endpoint, outcome, wasSlow) => slowDowns.note(endpoint, outcome, wasSlow),
    roomOf: (endpointId) =>
      slowDowns.untilMs(endpointId) > Date.now() + RESERVED_AHEAD_MS ? 0 : limiter.roomOf(endpointId),
    restsUntilMs: (endpointId) =>
      Math.max(
        slowDowns.untilMs(endpointId) - RESERVED_AHEAD_MS,
        limiter.roomOf(endpointId) === 0 ? limiter.roomAtMs(endpointId) : 0,
      ),
  };
}

function entrantOf(endpoint: Endpoint | null, { job, trigger }: WaitingAttempt) {
  return {
    ...{ tenantId: job.event.tenantId, endpointId: job.endpointId },
    ...{ limit: endpoint?.maxInFlight ?? null, behind: trigger === 'replay' },
  };
}

function kindOf({ job, trigger }: WaitingAttempt): WaitKind {
  if (trigger === 'manual' || trigger === 'replay') return trigger;
  return job.number === 1 ? 'first' : 'retry';
}
