/** How many attempts an endpoint may be sent. Pure: the figures that store and dispatch reckon with. */
export interface RateLimit {
  perSecond: number;
  /** So many may be sent at once when none was for a while. */
  burst: number;
}

export const MIN_PER_SECOND = 0.001;
export const MAX_PER_SECOND = 10_000;
export const MAX_BURST = 10_000;

/**
 * We keep to a little less than what was asked for: on its way one attempt catches up with another, and a receiver that
 * counts by its own clock must not see more than it allows.
 */
export const KEPT_PART = 0.98;

/** What is due within this time is reserved, and waits in its process; what is not, waits elsewhere. */
export const RESERVED_AHEAD_MS = 1_000;
