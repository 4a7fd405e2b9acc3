import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBatcher } from '../batcher.ts';
import { isConnectionError, type Queryable } from '../store/pool.ts';
import { recordAttempts, type AttemptRecord } from '../store/record-attempts.ts';

export interface Recorder {
  /**
   * True once the attempt is in the log and its delivery has moved on. False when Postgres could not be reached
   * for a few seconds: the outcome then travels in the workflow's history, and the workflow writes it later. An
   * attempt is never repeated because its row could not be written.
   */
  record(record: AttemptRecord): Promise<boolean>;
  /** Waits while too much is unwritten: attempts stop before memory fills up. */
  room(): Promise<void> | void;
  idle(): Promise<void>;
}

const PATIENCE_MS = 3_000;
const MAX_UNWRITTEN_BYTES = 32 << 20;
const RECORD_BYTES = 1_000;

export function createRecorder(db: Queryable, log: Logger): Recorder {
  const batcher = createBatcher<AttemptRecord, boolean>({
    maxItems: 500,
    maxWeight: 8 << 20,
    weigh: weightOf,
    concurrency: 2,
    keys: (record) => [record.deliveryId],
    run: writeGroup,
  });

  async function writeGroup(group: AttemptRecord[]): Promise<boolean[]> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        await recordAttempts(db, group);
        return group.map(() => true);
      } catch (error) {
        if (isConnectionError(error) && Date.now() < giveUpAt) {
          await sleep(100);
          continue;
        }
        // One row that Postgres refuses must not take the others with it.
        if (!isConnectionError(error) && group.length > 1) return writeOneByOne(group);
        log.error(
          { err: error, attempts: group.length },
          'attempts could not be recorded; their workflows will do it',
        );
        return group.map(() => false);
      }
    }
  }

  async function writeOneByOne(group: AttemptRecord[]): Promise<boolean[]> {
    const results: boolean[] = [];
    for (const record of group) results.push(...(await writeGroup([record])));
    return results;
  }

  let unwritten = 0;
  let waiters: (() => void)[] = [];

  function written(bytes: number): void {
    unwritten -= bytes;
    if (unwritten > MAX_UNWRITTEN_BYTES) return;
    const waiting = waiters;
    waiters = [];
    for (const goOn of waiting) goOn();
  }

  return {
    record(record) {
      const bytes = weightOf(record);
      unwritten += bytes;
      return batcher.submit(record).finally(() => written(bytes));
    },
    room() {
      if (unwritten > MAX_UNWRITTEN_BYTES) return new Promise((resolve) => waiters.push(resolve));
    },
    idle: () => batcher.idle(),
  };
}

const weightOf = (record: AttemptRecord): number => RECORD_BYTES + record.responseBody.length;
