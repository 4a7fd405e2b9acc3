/** A bounded rate that is kept in a row: what has been done has used it up until `pacedAtMs`. Pure. */
export interface Pace {
  pacedAtMs: number;
  perSecond: number;
}

/** What was not done in time is made up for, so much of it: after a pause nothing comes in a heap. */
const BURST_SECONDS = 1;

/** How many may be done now. */
export function allowedNow(pace: Pace, nowMs: number): number {
  const earned = ((nowMs - pacedFrom(pace, nowMs)) / 1_000) * pace.perSecond;
  // What rounding takes from a whole one.
  return Math.max(0, Math.floor(earned + 1e-6));
}

/** For rates below one a second the burst is a single one. */
function pacedFrom(pace: Pace, nowMs: number): number {
  const burstMs = Math.max(BURST_SECONDS * 1_000, 1_000 / pace.perSecond);
  return Math.max(pace.pacedAtMs, nowMs - burstMs);
}

/** `pacedAtMs` once so many more have been done. */
export function pacedAfter(pace: Pace, nowMs: number, done: number): number {
  return pacedFrom(pace, nowMs) + (done / pace.perSecond) * 1_000;
}

/** How long until the next one may be done. */
export function nextInMs(pace: Pace, nowMs: number): number {
  return Math.max(0, pace.pacedAtMs + 1_000 / pace.perSecond - nowMs);
}
