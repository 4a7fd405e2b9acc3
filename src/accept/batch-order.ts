/**
 * Events of a batch come into lanes in its order, however long each takes to be checked and whichever queue writes it. Those
 * that go into no lane wait for nobody.
 */
export interface BatchTurn {
  /** Resolves when all before it in the batch are in their queue, or over. */
  queue(): Promise<void> | void;
  /** It is in the queue now: whatever comes into that after it is written after it. */
  queued(): void;
  /** Resolves when all before it are over. */
  alone(): Promise<void> | void;
  /** It is written, or refused, or has no place to wait for. */
  over(): void;
}

/** Turns for the events of a batch, by their index. Each must come to be over. */
export function createBatchOrder(size: number): BatchTurn[] {
  const queued = createCount();
  const over = createCount();
  return Array.from({ length: size }, (_, index) => ({
    queue: () => queued.upTo(index),
    queued: () => queued.add(index),
    alone: () => over.upTo(index),
    over() {
      queued.add(index);
      over.add(index);
    },
  }));
}

/** Counts from 0 on, each when those before it have been added. */
function createCount() {
  const added: boolean[] = [];
  const waiting = new Map<number, () => void>();
  let count = 0;
  return {
    add(index: number): void {
      added[index] = true;
      for (; added[count]; count += 1) waiting.get(count + 1)?.();
    },
    upTo(index: number): Promise<void> | void {
      if (count < index) return new Promise((resolve) => waiting.set(index, resolve));
    },
  };
}
