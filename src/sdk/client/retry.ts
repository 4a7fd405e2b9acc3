/** When a request is tried again, and after how long. Pure. */
import { PosthornApiError, PosthornConnectionError } from './errors.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;

export interface Tries {
  /** Repeating it does no harm: it reads, replaces, deletes, or carries a key. */
  isRepeatable: boolean;
  /** How often it has been tried. */
  made: number;
  maxRetries: number;
  /** What is left of the time for all tries. */
  leftMs: number;
}

/** How long to wait before the next try; null: there is none. */
export function waitBeforeRetry(
  error: unknown,
  { isRepeatable, made, maxRetries, leftMs }: Tries,
  random: () => number = Math.random,
): number | null {
  if (made > maxRetries || !isWorthAnother(error, isRepeatable)) return null;
  // Between half and all of it, so that those who failed together do not come back together.
  const backOffMs = Math.min(FIRST_WAIT_MS * 2 ** (made - 1), LONGEST_WAIT_MS) * (1 - random() / 2);
  const askedMs = error instanceof PosthornApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  // What was asked for is kept, and those who were all asked the same are spread, too.
  const waitMs = askedMs > backOffMs ? askedMs * (1 + random() / 10) : backOffMs;
  return waitMs < leftMs ? waitMs : null;
}

/** A request that was answered 429 has changed nothing, whatever it is. Of all else it is not known. */
function isWorthAnother(error: unknown, isRepeatable: boolean): boolean {
  if (error instanceof PosthornApiError) return error.status === 429 || (isRepeatable && error.status >= 500);
  return isRepeatable && error instanceof PosthornConnectionError;
}

/** Seconds from now, of either form of the header. */
export function parseRetryAfter(value: string | null, nowMs: number = Date.now()): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1000));
}
