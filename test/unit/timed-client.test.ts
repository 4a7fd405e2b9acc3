import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { timedClient } from '../../src/store/timed-client.ts';

type Take = (error: Error | null, result?: unknown) => void;

/** One that never connects: what is asked of it waits. */
const client = (timeoutMs: number) => new (timedClient(timeoutMs))() as pg.Client & { query: unknown };
const queued = (of: unknown) => (of as { _queryQueue: { callback: Take }[] })._queryQueue;

it('whoever has been told that it took too long is not told the answer, too', async () => {
  const asked = client(20);
  const told: unknown[] = [];
  (asked.query as (text: string, values: unknown[], take: Take) => void).call(
    asked,
    'SELECT 1',
    [],
    (error) => told.push(error?.message ?? 'rows'),
  );
  await expect.poll(() => told).toEqual(['Query read timeout']);
  queued(asked)[0]!.callback(null, { rows: [] });
  expect(told).toEqual(['Query read timeout']);
});

it('what was answered in time is not told a time-out', async () => {
  const asked = client(20);
  const told: unknown[] = [];
  (asked.query as (text: string, values: unknown[], take: Take) => void).call(
    asked,
    'SELECT 1',
    [],
    (error) => told.push(error?.message ?? 'rows'),
  );
  queued(asked)[0]!.callback(null, { rows: [] });
  await sleep(60);
  expect(told).toEqual(['rows']);
});

it('what cannot be asked at all leaves no time-out behind', async () => {
  const asked = client(20);
  const told: unknown[] = [];
  const ask = asked.query as (text: unknown, values: unknown[], take: Take) => void;
  expect(() => ask.call(asked, null, [], () => told.push('told'))).toThrow();
  await sleep(60);
  expect(told).toEqual([]);
});
