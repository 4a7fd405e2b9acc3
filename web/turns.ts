/** A few at a time; the others wait for their turn, unless nobody wants them any more. */
export function createTurns(atOnce: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async function inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (running < atOnce) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      // Whose turn it is takes over this place.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
