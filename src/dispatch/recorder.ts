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
  /**
   * Waits while too many attempts are unwritten, or too large ones. A process that is killed sends again what it had not
   * written, so that is never more than so many and what is on the wire, however slow Postgres is; and memory does not fill up.
   */
  room(): Promise<void> | void;
  idle(): Promise<void>;
}

const PATIENCE_MS = 3_000;
const PAUSE_MS = 100;
const MAX_UNWRITTEN_BYTES = 32 << 20;
/**
 * Twice what a fan-out of ten thousand to quick receivers comes to. With a bound that it reaches, its deliveries waited ten times
 * as long: all of them share one Postgres, and what is behind is written once they have been sent.
 */
export const MAX_UNWRITTEN = 1_000;
/** Postgres' work for each of a group's deliveries grows with the group (attempt-claims.ts). */
const MAX_GROUP = 128;
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
    maxItems: MAX_GROUP,
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

  const unwritten = { attempts: 0, bytes: 0 };
  const waiters: (() => void)[] = [];
  const room = () => (unwritten.bytes > MAX_UNWRITTEN_BYTES ? 0 : MAX_UNWRITTEN - unwritten.attempts);

  let lettingIn: NodeJS.Timeout | undefined;

  function written(bytes: number): void {
    unwritten.attempts -= 1;
    unwritten.bytes -= bytes;
    letInSoon();
  }

  /** Not at once: the others of a group are counted as written within the same turn. */
  function letInSoon(): void {
    if (waiters.length > 0) lettingIn ??= setTimeout(letIn, 1);
  }

  /** As many as there is room for. Some of them come back with nothing to write: so more follow, whatever becomes of these. */
  function letIn(): void {
    lettingIn = undefined;
    const free = room();
    for (const goOn of waiters.splice(0, Math.max(0, free))) goOn();
    if (free > 0) letInSoon();
  }

  return {
    record(record) {
      countAttempt(metrics, record);
      const bytes = weightOf(record);
      unwritten.attempts += 1;
      unwritten.bytes += bytes;
      return batcher.submit(record).finally(() => written(bytes));
    },
    room() {
      if (waiters.length > 0 || room() <= 0) return new Promise((resolve) => waiters.push(resolve));
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
