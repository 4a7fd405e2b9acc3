/** When to try again. Pure: used by the workflow (replayed) and by the API (to show what will happen). */

export interface RetrySchedule {
  /** Seconds from one scheduled attempt's end to the next. Past the end the last one repeats. */
  delaysSeconds: number[];
  /** Retries after the first attempt; attempts in all = 1 + maxRetries. */
  maxRetries: number;
  /** Each delay is multiplied by a factor drawn from [1 − jitter, 1 + jitter]. */
  jitter: number;
}

export const RETRY_AFTER_CAP_SECONDS = 24 * 3600;

/**
 * Milliseconds to wait after `scheduledAttempts` (≥ 1) scheduled attempts have failed, or null when the
 * schedule is used up. `retryAfterSeconds` (from 429/503) can only lengthen the wait, up to 24 h.
 * `random` is in [0, 1) and decides the jitter.
 */
export function nextDelayMs(
  schedule: RetrySchedule,
  scheduledAttempts: number,
  retryAfterSeconds: number | null,
  random: number,
): number | null {
  if (scheduledAttempts > schedule.maxRetries) return null;
  const delays = schedule.delaysSeconds;
  const seconds = delays[Math.min(scheduledAttempts, delays.length) - 1] ?? 0;
  const jittered = seconds * (1 + schedule.jitter * (2 * random - 1));
  const asked = Math.min(retryAfterSeconds ?? 0, RETRY_AFTER_CAP_SECONDS);
  return Math.round(Math.max(jittered, asked) * 1000);
}

/** Finished in the same second, failed attempts share their jitter, so that a set of deliveries stays together. */
export function jitterDraw(finishedAtMs: number, attemptNumber: number): number {
  let hash = (Math.floor(finishedAtMs / 1000) ^ Math.imul(attemptNumber, 0x9e3779b1)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** What an endpoint may say about its retries; null means its profile's default. */
export interface RetrySettings {
  maxRetries: number | null;
  retryInterval: 'exponential' | 'fixed' | null;
  retryDelaySeconds: number | null;
  retryScheduleSeconds: number[] | null;
}

/** Endpoint settings over the profile's default schedule and its `exponential` delays. */
export function effectiveSchedule(
  settings: RetrySettings,
  profileDefault: RetrySchedule,
  exponentialSeconds: number[],
): RetrySchedule {
  const own = settings.retryScheduleSeconds;
  const maxRetries = settings.maxRetries ?? own?.length ?? profileDefault.maxRetries;
  if (settings.retryInterval === 'fixed') {
    const delay = settings.retryDelaySeconds ?? own?.[0] ?? profileDefault.delaysSeconds[0] ?? 0;
    return { delaysSeconds: [delay], maxRetries, jitter: profileDefault.jitter };
  }
  const standard =
    settings.retryInterval === 'exponential' ? exponentialSeconds : profileDefault.delaysSeconds;
  return { delaysSeconds: own ?? standard, maxRetries, jitter: profileDefault.jitter };
}
