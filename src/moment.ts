/** A point in time for what must not be trusted for too long, whatever happens to the clocks. */
export interface Moment {
  monotonicMs: number;
  wallMs: number;
}

export const moment = (): Moment => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** By whichever clock says more: a monotonic one stands still while the machine sleeps, the other may be set back. */
export const elapsedMs = (since: Moment): number =>
  Math.max(performance.now() - since.monotonicMs, Date.now() - since.wallMs);
