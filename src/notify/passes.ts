import type { Logger } from 'pino';

export interface Passes {
  start(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 1_000;

/**
 * Runs these one after the other, now and then, where there is something for one of them: what one does gives the next something
 * to do. One that fails does not keep the others from their turn.
 */
export function createPasses(
  passes: (() => Promise<void>)[],
  isAnything: () => Promise<boolean>,
  log: Logger,
): Passes {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let failures = 0;

  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      failures = 0;
      return result;
    } catch (error) {
      failures += 1;
      // Postgres may be away for a while: once is enough.
      if (failures === 1) log.warn({ err: error }, 'notifications could not be looked at; they will be');
      return undefined;
    }
  }

  async function runAll(): Promise<void> {
    if (!(await attempt(isAnything))) return;
    for (const pass of passes) {
      if (stopped) return;
      await attempt(pass);
    }
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = runAll().finally(schedule);
    }, EVERY_MS);
  }

  return {
    start: schedule,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
