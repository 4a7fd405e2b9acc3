/**
 * Asserting virtual time, which runs on with the machine's own clock while anything is at work, and else skips. So
 * what is late can be late by no more than the machine's own clock went on meanwhile, however slow the machine is.
 */
import { expect, vi } from 'vitest';
import { PATIENCE_MS } from './until.ts';
import type { Flight } from './virtual-time.ts';

/** Clocks and roundings of several processes. */
const MARGIN_MS = 50;

/** From the end of each attempt to the next one it is exactly these seconds, and what the machine took meanwhile. */
export function expectDelays({ made, startedRealMs }: Flight, seconds: number[]): void {
  const seen = made.slice(1).map((next, index) => {
    const before = made[index]!;
    const waitedMs = next.atMs - before.endedAtMs;
    const overMs = waitedMs - seconds[index]! * 1000;
    // A workflow's own clock begins with its first task, and that ends with the first attempt.
    const startMs = index === 0 ? before.askedRealMs - startedRealMs : 0;
    const machineMs = startMs + next.orderedRealMs - before.endedRealMs + MARGIN_MS;
    return overMs >= 0 && overMs <= machineMs ? seconds[index] : waitedMs / 1000;
  });
  expect(seen).toEqual(seconds);
}

/** Not before its time, and not after it by more than the machine has taken since the flight began. */
export function expectOnTime({ startedRealMs }: Flight, atMs: number, dueAtMs: number): void {
  expect(atMs - dueAtMs).toBeGreaterThanOrEqual(0);
  expect(atMs - dueAtMs).toBeLessThanOrEqual(performance.now() - startedRealMs + MARGIN_MS);
}

export const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: PATIENCE_MS, interval: 20 });
