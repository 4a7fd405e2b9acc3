/** Which time statistics are about. Pure. */
import type { FieldError } from '../problem.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const INTERVALS = ['hour', 'day'] as const;
export type Interval = (typeof INTERVALS)[number];

/** How long an interval is, how much is shown unless told otherwise, and how much may be asked for. */
const LENGTHS: Record<Interval, { ms: number; usual: number; most: number }> = {
  hour: { ms: HOUR_MS, usual: 24, most: 31 * 24 },
  day: { ms: DAY_MS, usual: 30, most: 400 },
};

/** For many endpoints at once. */
export const MOST_BY_ENDPOINT = 48;

export interface Range {
  interval: Interval;
  from: Date;
  /** Not in it. */
  to: Date;
  /** When each interval begins. */
  starts: Date[];
}

export interface RangeQuery {
  interval: Interval;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** Whole intervals (of UTC) that contain what is asked for; or what is wrong with it. */
export function rangeOf(
  { interval, from, to }: RangeQuery,
  now: Date,
  most = LENGTHS[interval].most,
): Range | FieldError[] {
  const { ms, usual } = LENGTHS[interval];
  const nowMs = now.getTime();
  // The day that is under way may be asked for as a whole.
  const latestMs = endOf(nowMs, DAY_MS);
  if (from && from.getTime() > nowMs) return [{ path: 'from', message: 'lies in the future' }];
  if (to && to.getTime() > latestMs)
    return [{ path: 'to', message: `lies in the future: ${new Date(latestMs).toISOString()} at the latest` }];
  const toMs = endOf(to ? to.getTime() : nowMs, ms);
  const fromMs = from ? startOf(from.getTime(), ms) : toMs - usual * ms;
  if (from && from.getTime() >= (to ? to.getTime() : toMs))
    return [{ path: 'from', message: 'must be earlier than "to"' }];
  const count = (toMs - fromMs) / ms;
  if (count > most) {
    const days = (most * ms) / DAY_MS;
    const message = `is too long ago: at most ${days} days by the ${interval}, up to "to"`;
    return [{ path: 'from', message }];
  }
  const starts = Array.from({ length: count }, (_, index) => new Date(fromMs + index * ms));
  return { interval, from: new Date(fromMs), to: new Date(toMs), starts };
}

const startOf = (time: number, ms: number): number => Math.floor(time / ms) * ms;
/** An interval's beginning is the end of the one before. */
const endOf = (time: number, ms: number): number => Math.ceil(time / ms) * ms;
