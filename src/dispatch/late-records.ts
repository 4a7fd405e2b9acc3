import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptRecord } from '../store/record-attempts.ts';

/**
 * Attempts whose rows could not be written when they were made. This process goes on trying, wherever their workflows
 * have gone: those write them, too, from what their histories keep, and who comes second changes nothing.
 */
export interface LateRecords {
  add(records: AttemptRecord[]): void;
  /** One more try, of a few seconds at most: the process is about to end. */
  writeNow(): Promise<void>;
}

export interface LateRecordsOptions {
  /** No delivery twice in a group. Throws when Postgres is away. */
  write(group: AttemptRecord[]): Promise<void>;
  weigh(record: AttemptRecord): number;
  /** It is in the log, or will not be written from here. */
  onDone(record: AttemptRecord, written: boolean): void;
  log: Logger;
}

const RETRY_MS = 1_000;
const LAST_TRY_MS = 3_000;
const GROUP = 200;
/** Beyond it the oldest are left to their workflows. */
const MAX_BYTES = 32 << 20;

export function createLateRecords({ write, weigh, onDone, log }: LateRecordsOptions): LateRecords {
  /** In the order in which they were made. */
  const waiting = new Set<AttemptRecord>();
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | null = null;

  function forget(record: AttemptRecord, written: boolean): void {
    if (!waiting.delete(record)) return;
    bytes -= weigh(record);
    onDone(record, written);
  }

  function makeRoom(): void {
    let left = 0;
    for (const record of waiting) {
      if (bytes <= MAX_BYTES) break;
      forget(record, false);
      left += 1;
    }
    if (left > 0) log.warn({ attempts: left }, 'too much to remember: left to their workflows to record');
  }

  function nextGroup(): AttemptRecord[] {
    const group = new Map<string, AttemptRecord>();
    for (const record of waiting) {
      if (group.size === GROUP) break;
      if (!group.has(record.deliveryId)) group.set(record.deliveryId, record);
    }
    return [...group.values()];
  }

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const group = nextGroup();
      await write(group);
      for (const record of group) forget(record, true);
      log.info({ attempts: group.length }, 'attempts were recorded late');
    }
  }

  function tryNow(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll()
      .catch(() => {})
      .finally(() => {
        writing = null;
        if (waiting.size > 0) tryLater();
      });
    return writing;
  }

  function tryLater(): void {
    if (writing === null) timer ??= setTimeout(() => void tryNow(), RETRY_MS).unref();
  }

  return {
    add(records) {
      for (const record of records) {
        waiting.add(record);
        bytes += weigh(record);
      }
      makeRoom();
      tryLater();
    },
    async writeNow() {
      if (waiting.size === 0) return;
      await Promise.race([tryNow(), sleep(LAST_TRY_MS, undefined, { ref: false })]);
      clearTimeout(timer);
    },
  };
}
