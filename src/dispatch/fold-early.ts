import type { Logger } from 'pino';
import { foldStats } from '../store/fold-stats.ts';
import type { Queryable } from '../store/pool.ts';

/**
 * Whoever asks for statistics has all attempts looked through that are noted and not added up: a minute's at full speed are too
 * many. So a process that has noted many adds some up, without waiting for the schedule that adds up all.
 */
export interface EarlyFold {
  noted(attempts: number): void;
  idle(): Promise<void>;
}

const MANY = 5_000;
/** So long after it has failed. */
const PAUSE_MS = 1_000;

export function createEarlyFold(db: Queryable, log: Logger): EarlyFold {
  let noted = 0;
  let notBeforeMs = 0;
  let folding: Promise<void> | null = null;

  async function fold(): Promise<void> {
    try {
      while (noted >= MANY) {
        const { attempts } = await foldStats(db);
        noted = Math.max(0, noted - attempts);
        if (attempts > 0) continue;
        // Others have.
        noted = 0;
      }
    } catch (error) {
      notBeforeMs = performance.now() + PAUSE_MS;
      log.warn({ err: error }, 'statistics could not be added up; the schedule does it later');
    }
  }

  return {
    noted(attempts) {
      noted += attempts;
      if (noted < MANY || folding || performance.now() < notBeforeMs) return;
      folding = fold().finally(() => (folding = null));
    },
    idle: () => folding ?? Promise.resolve(),
  };
}
