/**
 * What an attempt came to, as it travels from the activity to its workflow and stays in Temporal's history.
 * Pure: the workflow (replayed) and the recorder reckon the next step with the same function.
 */
import type { AttemptErrorClass, AttemptTrigger } from './domain.ts';
import type { Verdict } from './lifecycle.ts';
import { jitterDraw, nextDelayMs, type RetrySchedule } from './schedule.ts';

/** Characters of an answer that travel with its outcome. */
export const EXCERPT_CHARS = 200;

/** The receiver says that it is gone for good: its endpoint is disabled, and the delivery ends. */
export const isGone = (statusCode: number | null): boolean => statusCode === 410;

/** An HTTP exchange that took place. Times are Unix milliseconds. */
export interface AttemptOutcome {
  kind: 'attempt';
  number: number;
  trigger: AttemptTrigger;
  succeeded: boolean;
  startedAtMs: number;
  durationMs: number;
  statusCode: number | null;
  errorClass: AttemptErrorClass | null;
  errorMessage: string | null;
  /** The beginning of the answer, for whoever reads the history. The log has more of it. */
  excerpt: string;
  retryAfterSeconds: number | null;
  /** Answered 410: the endpoint is disabled now and the delivery ends. */
  gone: boolean;
  /** False: the log row could not be written; the workflow sees to it. */
  recorded: boolean;
  schedule: RetrySchedule;
}

/**
 * No exchange took place. `held`: the endpoint is paused. `cancelled`: the delivery is, or its endpoint is gone.
 * `waiting`: carried over, due later. `foreign`: another workflow carries this delivery. `missing`: no such row.
 */
export interface SkippedOutcome {
  kind: 'held' | 'cancelled' | 'waiting' | 'foreign' | 'missing';
}

/** Not over yet, while others of the same round are: to be asked for again at once. */
export interface UnderWayOutcome {
  kind: 'underWay';
}

/**
 * Too many retries of its tenant wait for slots, or its endpoint's rate is used up, or it has asked to be left alone: to be
 * asked for again then (Unix ms). Uses up nothing.
 */
export interface DeferredOutcome {
  kind: 'deferred';
  untilMs: number;
}

export type Outcome = AttemptOutcome | SkippedOutcome | DeferredOutcome | UnderWayOutcome;

/** Where an attempt leaves its delivery. */
export interface Standing {
  status: Verdict;
  nextAttemptAtMs: number | null;
}

/** Manual attempts come on top of the schedule: they never use up a step of it. */
export function usesSchedule(trigger: AttemptTrigger): boolean {
  return trigger !== 'manual';
}

/** Unix milliseconds at which the exchange was over. */
export function finishedAtMs(outcome: AttemptOutcome): number {
  return outcome.startedAtMs + Math.round(outcome.durationMs);
}

/** `scheduledBefore`: attempts that had used up a step of the schedule before this one. */
export function standingAfter(outcome: AttemptOutcome, scheduledBefore: number): Standing {
  if (outcome.succeeded) return { status: 'succeeded', nextAttemptAtMs: null };
  if (outcome.gone) return { status: 'failed', nextAttemptAtMs: null };
  if (!usesSchedule(outcome.trigger)) return { status: 'unchanged', nextAttemptAtMs: null };
  const endedAtMs = finishedAtMs(outcome);
  const draw = jitterDraw(endedAtMs, outcome.number);
  const delayMs = nextDelayMs(outcome.schedule, scheduledBefore + 1, outcome.retryAfterSeconds, draw);
  if (delayMs === null) return { status: 'failed', nextAttemptAtMs: null };
  return { status: 'retrying', nextAttemptAtMs: endedAtMs + delayMs };
}
