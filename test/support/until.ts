/**
 * How long a test waits for what must come. Nothing is claimed by it: a bound that a test claims, it writes down
 * itself. So it is long enough for a machine that does much else, and shorter than vitest's time for a test, so that
 * what was seen last is told.
 */
export const PATIENCE_MS = 90_000;

/** Asks until `check` is true; throws with what it saw last. */
export async function until<T>(
  ask: () => Promise<T> | T,
  check: (value: T) => boolean,
  everyMs = 25,
): Promise<T> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await ask();
    if (check(value)) return value;
    if (Date.now() > giveUpAt)
      throw new Error(`It did not come to pass in ${PATIENCE_MS} ms; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
