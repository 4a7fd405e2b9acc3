/** When a call for several deliveries comes back with what is known. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGathering } from '../../activities/gathering.ts';
import type { AttemptOutcome, Outcome } from '../../src/outcome.ts';

const NOW = 1_780_000_000_000;
beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const attempt = (over: Partial<AttemptOutcome> = {}): AttemptOutcome => ({
  kind: 'attempt',
  number: 1,
  trigger: 'schedule',
  succeeded: false,
  startedAtMs: Date.now(),
  durationMs: 0,
  statusCode: 500,
  errorClass: 'http',
  errorMessage: null,
  excerpt: '',
  retryAfterSeconds: null,
  gone: false,
  recorded: true,
  schedule: { delaysSeconds: [2, 60], maxRetries: 2, jitter: 0 },
  ...over,
});

/** How long after these it comes back, ms; null: not within a minute. */
async function comesBackAfter(...outcomes: Outcome[]): Promise<number | null> {
  const gathering = createGathering();
  let atMs: number | null = null;
  void gathering.over.then(() => (atMs = Date.now()));
  for (const outcome of outcomes) gathering.add({ id: 'd', number: 1 }, outcome);
  const since = Date.now();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gathering.isOver()).toBe(atMs !== null);
  gathering.end();
  return atMs === null ? null : atMs - since;
}

it('it waits for the others while what is over has time', async () => {
  expect(await comesBackAfter()).toBeNull();
  expect(await comesBackAfter(attempt({ succeeded: true }))).toBe(3_000);
  expect(await comesBackAfter({ kind: 'deferred', untilMs: Date.now() + 90_000 })).toBe(3_000);
  expect(await comesBackAfter(attempt({ retryAfterSeconds: 600 }))).toBe(3_000);
});

it('it comes back before the next attempt of any of them is due', async () => {
  expect(await comesBackAfter({ kind: 'deferred', untilMs: Date.now() + 1_000 })).toBe(700);
  expect(await comesBackAfter(attempt({ succeeded: true }), attempt())).toBe(1_700);
  expect(await comesBackAfter(attempt(), attempt({ startedAtMs: Date.now() - 1_900 }))).toBe(0);
});

it('it comes back at once when something was not attempted, so that this is written', async () => {
  for (const kind of ['held', 'cancelled', 'foreign'] as const)
    expect(await comesBackAfter(attempt(), { kind })).toBeLessThanOrEqual(50);
});

it('it reckons with the step of the schedule that an attempt has used up', async () => {
  const gathering = createGathering();
  let over = false;
  void gathering.over.then(() => (over = true));
  gathering.add({ id: 'd', number: 4, scheduled: 1 }, attempt({ number: 4 }));
  await vi.advanceTimersByTimeAsync(2_900);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(over).toBe(true);
});
