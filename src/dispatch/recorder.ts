import type { Logger } from 'pino';
import { createBatcher } from '../batcher.ts';
import { isLane } from '../ids.ts';
import { countAttempt } from '../metrics/count-dispatch.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { isConnectionError, type Queryable } from '../store/pool.ts';
import type { AttemptRecord } from '../store/record-attempts.ts';
import { createEarlyFold } from './fold-early.ts';
import { createLateRecords } from './late-records.ts';
import { writeAttempts } from './write-attempts.ts';

export interface Recorder {
  /**
   * True once the attempt is in the log and its delivery has moved on. False when Postgres could not be reached
   * for a few seconds: the outcome then travels in the workflow's history, and is written later by the workflow or
   * by this process, whichever is first. An attempt is never repeated because its row could not be written.
   */
  record(record: AttemptRecord): Promise<boolean>;
  /** Waits while too much is unwritten: attempts stop before memory fills up. */
  room(): Promise<void> | void;
  idle(): Promise<void>;
}

const PATIENCE_MS = 3_000;
const PAUSE_MS = 100;
const MAX_UNWRITTEN_BYTES = 32 << 20;
const RECORD_BYTES = 1_000;
/**
 * Nobody waits for an attempt's row but a lane, for its next delivery: at 500 a second a group of five costs Postgres a third
 * less than five groups. What is not written yet when the process is killed is delivered once more: so no more than that wait.
 */
const SPACING = { ms: 10, enough: 6 };

/** `onLate`: what came to false is in the log after all, or will not be written from here. */
export function createRecorder(
  db: Queryable,
  metrics: Metrics,
  log: Logger,
  onLate: (record: AttemptRecord, written: boolean) => void = () => {},
  fold = createEarlyFold(db, log),
): Recorder {
  const late = createLateRecords({
    write: (group) => writeAttempts(db, group, log),
    weigh: weightOf,
    onDone: onLate,
    log,
  });
  const batcher = createBatcher<AttemptRecord, boolean>({
    maxItems: 500,
    maxWeight: 8 << 20,
    weigh: weightOf,
    concurrency: 2,
    spacing: SPACING,
    isUrgent: ({ workflowId }) => workflowId !== null && isLane(workflowId),
    keys: (record) => [record.deliveryId],
    run: writeGroup,
    onGroup: (attempts) => metrics.recordGroupSize.observe(attempts),
  });

  async function writeGroup(group: AttemptRecord[]): Promise<boolean[]> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        await writeAttempts(db, group, log);
        fold.noted(group.length);
        return group.map(() => true);
      } catch (error) {
        if (isConnectionError(error) && Date.now() < giveUpAt) {
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          continue;
        }
        log.error(
          { err: error, attempts: group.length },
          'attempts could not be recorded; they will be later',
        );
        late.add(group);
        return group.map(() => false);
      }
    }
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
      countAttempt(metrics, record);
      const bytes = weightOf(record);
      unwritten += bytes;
      return batcher.submit(record).finally(() => written(bytes));
    },
    room() {
      if (unwritten > MAX_UNWRITTEN_BYTES) return new Promise((resolve) => waiters.push(resolve));
    },
    async idle() {
      await batcher.idle();
      await late.writeNow();
      await fold.idle();
    },
  };
}

const weightOf = (record: AttemptRecord): number =>
  RECORD_BYTES + record.responseBody.length + record.requestHeaders.length + record.responseHeaders.length;
