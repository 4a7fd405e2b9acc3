import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { timedClient } from '../../src/store/timed-client.ts';

type Take = (error: Error | null, result?: unknown) => void;

/** One that never connects: what is asked of it waits. */
const client = (timeoutMs: number) => new (timedClient(timeoutMs))() as pg.Client & { query: unknown };
const queued = (of: unknown) => (of as { _queryQueue: { callback: Take }[] })._queryQueue;

/** `told`: what whoever asks is told. */
function ask(statement: unknown) {
  const asked = client(20);
  const told: string[] = [];
  const query = asked.query as (statement: unknown, values: unknown[], take: Take) => void;
  return {
    asked,
    told,
    query: () => query.call(asked, statement, [], (error) => told.push(error?.message ?? 'rows')),
  };
}

it('whoever has been told that it took too long is not told the answer, too', async () => {
  const { asked, told, query } = ask('SELECT 1');
  query();
  await expect.poll(() => told).toEqual(['Query read timeout']);
  queued(asked)[0]!.callback(null, { rows: [] });
  expect(told).toEqual(['Query read timeout']);
});

it('what was answered in time is not told a time-out', async () => {
  const { asked, told, query } = ask('SELECT 1');
  query();
  queued(asked)[0]!.callback(null, { rows: [] });
  await sleep(60);
  expect(told).toEqual(['rows']);
});

it('what cannot be asked at all leaves no time-out behind', async () => {
  const { told, query } = ask(null);
  expect(query).toThrow();
  await sleep(60);
  expect(told).toEqual([]);
});
