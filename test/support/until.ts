/**
 * How long a test waits for what must come. Nothing is claimed by it: a bound that a test claims, it writes down
 * itself. So it is long enough for a machine that does much else, and shorter than vitest's time for a test, so that
 * what was seen last is told.
 */
export const PATIENCE_MS = 90_000;

/** What comes at once is seen at once; who waits for long asks less often, since each look takes CPU from what it waits for. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

/** Asks until `check` is true; throws with what it saw last. `everyMs`: always so often. */
export async function until<T>(
  ask: () => Promise<T> | T,
  check: (value: T) => boolean,
  everyMs?: number,
): Promise<T> {
  const beganAtMs = performance.now();
  for (;;) {
    const value = await ask();
    if (check(value)) return value;
    const waitedMs = performance.now() - beganAtMs;
    if (waitedMs > PATIENCE_MS)
      throw new Error(`It did not come to pass in ${PATIENCE_MS} ms; last seen: ${JSON.stringify(value)}`);
    const pauseMs = everyMs ?? Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, waitedMs / 10));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
