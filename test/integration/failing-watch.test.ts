/** The pass over endpoints that fail for long: whose turn comes, however many others there are. */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFailingWatch } from '../../src/notify/watch-failing.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { createDatabase } from '../support/posthorn.ts';

let db: Pool;
beforeAll(async () => {
  db = createPool(await createDatabase(), 2);
});
afterAll(() => db.end());

/** So many endpoints of a tenant whose step has been due for so many hours. */
async function due(tenant: string, count: number, days: number | null, hours: number): Promise<void> {
  await db.query(`INSERT INTO tenants (id) VALUES ($1)`, [tenant]);
  await db.query(
    `WITH made AS (
       INSERT INTO endpoints (id, tenant_id, url, profile, events, environments, method, headers, disable_after_days)
       SELECT 'ep_' || $1 || n, $1, 'http://x.test', 'standard', '{*}', '{production}', 'POST', '{}', $3
         FROM generate_series(1, $2) n RETURNING id)
     INSERT INTO failing_endpoints (tenant_id, endpoint_id, since, warned_at, next_step_at)
     SELECT $1, id, now() - interval '9 days', now() - interval '5 days', now() - make_interval(hours => $4) FROM made`,
    [tenant, count, days, hours],
  );
}

it('comes to everybody, though a tenant has many that were set to "never" since', async () => {
  await due('never', 250, null, 5);
  await due('other', 1, 4, 1);
  const pass = createFailingWatch(db, pino({ level: 'silent' }));
  for (let n = 0; n < 3; n += 1) await pass();
  const { rows } = await db.query(`SELECT id, disabled_reason FROM endpoints WHERE NOT enabled`);
  expect(rows).toEqual([{ id: 'ep_other1', disabled_reason: 'failing' }]);
  // They go on failing, and are looked at no more.
  const { rows: left } = await db.query(`SELECT FROM failing_endpoints WHERE next_step_at IS NULL`);
  expect(left).toHaveLength(250);
});
