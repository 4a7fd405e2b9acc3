/** Bounded concurrency in fair turns: whoever asks for a lot waits for themselves. */
export interface Turns {
  /** Runs the job when it is `payer`'s turn. Rejects with the signal's reason when that aborts before. */
  run<T>(payer: string, signal: AbortSignal, job: () => Promise<T>): Promise<T>;
}

/** `all` at a time, `each` of them for one payer. */
export function createTurns({ all, each }: { all: number; each: number }): Turns {
  /** Who waits, in the order of their turns. Whoever had one goes to the end. */
  const waiting = new Map<string, Set<() => void>>();
  const running = new Map<string, number>();
  let total = 0;

  function startNext(): void {
    while (total < all) {
      const payer = [...waiting.keys()].find((key) => (running.get(key) ?? 0) < each);
      if (payer === undefined) return;
      const queue = waiting.get(payer)!;
      const [start] = queue;
      leave(payer, start!);
      if (queue.size > 0) {
        waiting.delete(payer);
        waiting.set(payer, queue);
      }
      start!();
    }
  }

  function leave(payer: string, start: () => void): void {
    const queue = waiting.get(payer);
    queue?.delete(start);
    if (queue?.size === 0) waiting.delete(payer);
  }

  function count(payer: string, by: 1 | -1): void {
    total += by;
    const now = (running.get(payer) ?? 0) + by;
    if (now === 0) running.delete(payer);
    else running.set(payer, now);
  }

  return {
    run(payer, signal, job) {
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          leave(payer, start);
          reject(signal.reason as Error);
        };
        const start = () => {
          signal.removeEventListener('abort', giveUp);
          count(payer, 1);
          void job()
            .then(resolve, reject)
            .finally(() => {
              count(payer, -1);
              startNext();
            });
        };
        if (signal.aborted) return reject(signal.reason as Error);
        signal.addEventListener('abort', giveUp, { once: true });
        if (!waiting.has(payer)) waiting.set(payer, new Set());
        waiting.get(payer)!.add(start);
        startNext();
      });
    },
  };
}

/** What the promise comes to, unless the signal aborts first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason as Error);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
