/** Many days take many locks: that Postgres has room for them is looked at when a process starts. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { claimAttempts } from '../../src/store/claim-attempts.ts';
import { createPartitionsAhead } from '../../src/store/days-ahead.ts';
import { locksNeeded, readLockRoom, warnOfFewLocks } from '../../src/store/lock-room.ts';
import { DAY_MS } from '../../src/store/partitions.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { createDatabase } from '../support/posthorn.ts';

let pool: Pool;
// For each test, and each try of one: a connection on which nothing has been planned yet.
beforeEach(async () => void (pool = createPool(await createDatabase(), 1, 'kept')));
afterEach(() => pool.end());

it('is warned of with numbers and what to do, and not where there is enough', async () => {
  const warned: [object, string][] = [];
  const log = { warn: (...line: [object, string]) => void warned.push(line) } as never;
  await warnOfFewLocks(pool, { retentionDays: 30, connections: 6 }, log);
  expect(warned).toEqual([]);
  await warnOfFewLocks(pool, { retentionDays: 3650, connections: 6 }, log);
  const [[numbers, words]] = warned as [[object, string]];
  expect(numbers).toMatchObject({ retentionDays: 3650, partitions: 3659, needed: locksNeeded(3659, 6) });
  const advised = Number(/max_locks_per_transaction to (\d+)/.exec(words)![1]);
  const { maxConnections } = await readLockRoom(pool, { retentionDays: 1, connections: 6 });
  expect(advised * maxConnections).toBeGreaterThanOrEqual(locksNeeded(3659, 6));
});

it('is as much as statements take', async () => {
  for (let day = -28; day < 0; day += 4)
    await createPartitionsAhead(pool, new Date(Date.now() + day * DAY_MS));
  const client = await pool.connect();
  const locks = async () => {
    await client.query('BEGIN');
    await claimAttempts(client, 1, [{ deliveryId: newId('dlv'), number: 2, manual: false, workflowId: 'w' }]);
    const { rows } = await client.query<{ locks: number; partitions: number }>(
      `SELECT count(*)::int AS locks,
              (SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'deliveries'::regclass) AS partitions
         FROM pg_locks WHERE pid = pg_backend_pid()`,
    );
    await client.query('ROLLBACK');
    return rows[0]!;
  };
  try {
    const planned = await locks();
    const kept = await locks();
    // What the tables themselves take, and the statement that counts.
    const more = 100;
    const [none, one] = [locksNeeded(kept.partitions, 0), locksNeeded(kept.partitions, 1)];
    expect(kept.locks).toBeLessThan(one - none + more);
    expect(planned.locks).toBeLessThan(none / 2 + more);
  } finally {
    client.release();
  }
});
