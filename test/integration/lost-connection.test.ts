/** A connection that Postgres closes while somebody has it, and is not asking anything. */
import { expect, it } from 'vitest';
import { createPool } from '../../src/store/pool.ts';
import { transaction } from '../../src/store/transaction.ts';
import { createDatabase } from '../support/posthorn.ts';
import { until } from '../support/until.ts';

it('lost between two statements of a transaction: that one fails, the process and the pool go on', async (test) => {
  const pool = createPool(await createDatabase(), 2);
  test.onTestFinished(() => pool.end());
  const sessions = () =>
    pool.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state ~ 'idle in'`);
  const standsStill = transaction(pool, async (client) => {
    await client.query({ text: `SET LOCAL idle_in_transaction_session_timeout = 50` });
    await until(sessions, ({ rows }) => rows.length === 0);
    await client.query({ text: 'SELECT 1' });
  });
  // Without somebody who listens, the loss itself would be an uncaught exception.
  await expect(standsStill).rejects.toThrow(/not queryable|terminated/);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
