/** Asserting virtual time, which runs on with the machine's own clock while anything is at work, and else skips. */
import { expect, vi } from 'vitest';
import type { Flight } from './virtual-time.ts';

/** Clocks and roundings of several processes. */
const MARGIN_MS = 50;

/**
 * From the end of each attempt to the next one it is exactly these seconds, plus at most the time that the machine
 * itself took meanwhile: some hundredths of a second, unless it is very busy.
 */
export function expectDelays({ made, startedRealMs }: Flight, seconds: number[]): void {
  const seen = made.slice(1).map((next, index) => {
    const before = made[index]!;
    const waitedMs = next.atMs - before.endedAtMs;
    const overMs = waitedMs - seconds[index]! * 1000;
    // A workflow's own clock begins with its first task, and that ends with the first attempt.
    const startMs = index === 0 ? before.orderedRealMs - startedRealMs : 0;
    const machineMs = startMs + next.orderedRealMs - before.doneRealMs + MARGIN_MS;
    return overMs >= 0 && overMs <= machineMs ? seconds[index] : waitedMs / 1000;
  });
  expect(seen).toEqual(seconds);
}

/** Not before its time, and not after it by more than a busy machine takes. */
export function expectOnTime(atMs: number, dueAtMs: number): void {
  expect(atMs - dueAtMs).toBeGreaterThanOrEqual(0);
  expect(atMs - dueAtMs).toBeLessThan(10_000);
}

export const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });
