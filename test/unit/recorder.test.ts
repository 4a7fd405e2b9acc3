/** When attempts are written, in which company, and what happens while they cannot be. */
import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRecorder, MAX_UNWRITTEN, type Recorder } from '../../src/dispatch/recorder.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Queryable } from '../../src/store/pool.ts';
import { attemptRecord } from '../support/attempt-record.ts';

const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Delivery ids of the statements that were asked for; each ends when the test says so. */
let statements: { ids: string[]; end(): void }[];
let isAway: boolean;
let recorder: Recorder;
/** Of what was not written when it was made: whether it has been since. */
let late: [deliveryId: string, written: boolean][];

beforeEach(() => {
  vi.useFakeTimers();
  statements = [];
  isAway = false;
  const query = ({ values }: { values: unknown[] }) =>
    new Promise<object>((resolve, reject) => {
      const ids = String(values[0]).slice(1, -1).split(',');
      if (isAway) return reject(AWAY);
      statements.push({ ids, end: () => resolve({ rows: [{ attempts: ids.length }] }) });
    });
  const db = { query } as unknown as Queryable;
  late = [];
  recorder = createRecorder(db, createMetrics(), pino({ level: 'silent' }), ({ deliveryId }, isWritten) =>
    late.push([deliveryId, isWritten]),
  );
});
afterEach(() => void vi.useRealTimers());

/** As long as small groups are apart. */
const settle = () => vi.advanceTimersByTimeAsync(10);
const record = (id: string, number = 1, more: object = {}) =>
  recorder.record({ ...attemptRecord(id, 'succeeded', number), ...more });
const written = () => statements.map(({ ids }) => ids);

it('writes what comes together in one statement, and what comes meanwhile in the next ones', async () => {
  const first = Promise.all([record('a'), record('b')]);
  await settle();
  void record('c');
  await settle();
  for (const id of ['d', 'e']) void record(id);
  await settle();
  expect(written()).toEqual([['a', 'b'], ['c']]);
  statements[0]!.end();
  expect(await first).toEqual([true, true]);
  await settle();
  expect(written().slice(2)).toEqual([['d', 'e']]);
});

it('never writes two attempts of a delivery in one statement, nor the later one first', async () => {
  void record('a', 1);
  void record('a', 2);
  void record('b', 1);
  await settle();
  expect(written()).toEqual([['a', 'b'], ['a']]);
});

it('tries on while Postgres is away for a moment', async () => {
  isAway = true;
  const answer = record('a');
  await vi.advanceTimersByTimeAsync(1_000);
  isAway = false;
  await vi.advanceTimersByTimeAsync(100);
  statements[0]!.end();
  expect(await answer).toBe(true);
});

it('says so when it stays away, keeps what it has, and writes it when Postgres is back', async () => {
  isAway = true;
  const answer = record('a');
  await vi.advanceTimersByTimeAsync(3_200);
  expect(await answer).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  isAway = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written()).toEqual([['a']]);
  expect(late).toEqual([]);
  statements[0]!.end();
  await settle();
  expect(late).toEqual([['a', true]]);
});

it('says what it will not write any more, when too much waits for Postgres', async () => {
  isAway = true;
  const responseBody = 'x'.repeat(7 << 20);
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    void record(id, 1, { responseBody });
    await vi.advanceTimersByTimeAsync(4_000);
  }
  expect(late).toEqual([['a', false]]);
});

it('has no room while too large answers are unwritten', async () => {
  const responseBody = 'x'.repeat(1 << 20);
  expect(recorder.room()).toBeUndefined();
  for (let n = 0; n < 33; n += 1) void record(`dlv_${n}`, 1, { responseBody });
  let goesOn = false;
  void Promise.resolve(recorder.room()).then(() => (goesOn = true));
  await settle();
  expect(goesOn).toBe(false);
  for (const statement of statements) statement.end();
  await settle();
  expect(goesOn).toBe(true);
});

it('has room for so many unwritten attempts, and lets in as many as are written, in turn', async () => {
  for (let n = 0; n < MAX_UNWRITTEN - 1; n += 1) void record(`dlv_${n}`);
  expect(recorder.room()).toBeUndefined();
  void record(`dlv_${MAX_UNWRITTEN - 1}`);
  const wentOn: number[] = [];
  for (let n = 0; n < 200; n += 1) void Promise.resolve(recorder.room()).then(() => wentOn.push(n));
  await settle();
  expect(wentOn).toEqual([]);
  const [{ ids, end }] = statements as [{ ids: string[]; end(): void }];
  end();
  await vi.advanceTimersByTimeAsync(1);
  expect(wentOn).toEqual(ids.map((_, n) => n));
});

it('lets in all that wait, though none of them has anything to write', async () => {
  for (let n = 0; n < MAX_UNWRITTEN; n += 1) void record(`dlv_${n}`);
  let wentOn = 0;
  for (let n = 0; n < 1_000; n += 1) void Promise.resolve(recorder.room()).then(() => (wentOn += 1));
  await settle();
  statements[0]!.end();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(wentOn).toBe(1_000);
});
