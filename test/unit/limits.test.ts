/** Limits that stand in different rooms, and must fit each other. */
import { expect, it } from 'vitest';
import { PATIENCE_MS } from '../../src/accept/patience.ts';
import { STOP_MS } from '../../src/api/server.ts';
import { DRAIN_MS } from '../../src/dispatch/index.ts';
import { CERTAIN_MS, HEARTBEAT_MS, OBSERVE_MS, STALE_MS } from '../../src/dispatch/membership.ts';
import { CLOSE_MS } from '../../src/http/open-sender.ts';
import { STOP_LIMIT_MS } from '../../src/closers.ts';
import { LONGEST_COMMIT_MS, LONGEST_UNKNOWN_MS } from '../../src/store/open-writers.ts';
import { CONNECT_MS, QUERY_TIMEOUT_MS } from '../../src/store/pool.ts';
import { SHUTDOWN_FORCE_MS } from '../../src/temporal/worker.ts';

it('a process that is certain of itself is taken for dead by nobody, even with clocks that differ by seconds', () => {
  const clocksMs = 2_000;
  expect(CERTAIN_MS + clocksMs).toBeLessThan(STALE_MS + OBSERVE_MS);
  // Nor is one dead between two heartbeats, of which one came late or not at all.
  expect(2 * HEARTBEAT_MS).toBeLessThan(CERTAIN_MS);
  expect(CERTAIN_MS).toBeLessThan(STALE_MS);
});

it('a heartbeat on a silent connection is given up before its process is taken for dead', () => {
  expect(QUERY_TIMEOUT_MS.heartbeat).toBeLessThan(STALE_MS + OBSERVE_MS);
});

it('a stop comes to its end before it is cut short, however long each part of it takes', () => {
  expect(STOP_MS + SHUTDOWN_FORCE_MS + DRAIN_MS + CLOSE_MS).toBeLessThan(STOP_LIMIT_MS);
});

it('an event is committed, or given up, before a replay takes it that no older one will come', () => {
  const clocksMs = 2_000;
  const unknownMs = PATIENCE_MS + CONNECT_MS + clocksMs;
  expect(unknownMs).toBeLessThanOrEqual(LONGEST_UNKNOWN_MS);
  expect(unknownMs + QUERY_TIMEOUT_MS.requests).toBeLessThanOrEqual(LONGEST_COMMIT_MS);
});
