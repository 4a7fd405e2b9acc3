/** What the attempts of some time came to. Pure. */
import { percentiles, type Durations } from './durations.ts';

export interface Counts {
  attempts: number;
  failed: number;
  statusCodes: Record<string, number>;
  errorClasses: Record<string, number>;
  durations: Durations;
}

export const noCounts = (): Counts => ({
  attempts: 0,
  failed: 0,
  statusCodes: {},
  errorClasses: {},
  durations: {},
});

/** Adds them to `sum`. */
export function add(sum: Counts, more: Counts): void {
  sum.attempts += more.attempts;
  sum.failed += more.failed;
  for (const part of ['statusCodes', 'errorClasses', 'durations'] as const)
    for (const [name, count] of Object.entries(more[part])) sum[part][name] = (sum[part][name] ?? 0) + count;
}

/** As it is shown. */
export function summaryOf({ attempts, failed, statusCodes, errorClasses, durations }: Counts) {
  const delivered = attempts - failed;
  const [p50, p95, p99] = percentiles(durations, [0.5, 0.95, 0.99]);
  return {
    attempts,
    delivered,
    failed,
    success_rate: attempts === 0 ? null : Math.round((delivered / attempts) * 10_000) / 10_000,
    duration_ms: { p50, p95, p99 },
    status_codes: statusCodes,
    error_classes: errorClasses,
  };
}
