/**
 * Two processes that claim the same attempts at once. (A claim by LATERAL, with the lock inside, costs Postgres a third less, and
 * makes Postgres 18.4 fail here: "pfree called with invalid pointer".)
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { claimAttempts } from '../../src/store/claim-attempts.ts';
import { createPool, type Pool, type Queryable } from '../../src/store/pool.ts';
import { createDatabase } from '../support/posthorn.ts';

const ROUNDS = 50;
const TOGETHER = 40;

let pool: Pool;
let pools: Pool[];
beforeAll(async () => {
  const databaseUrl = await createDatabase();
  pool = createPool(databaseUrl, 1);
  // A connection for each process.
  pools = [1, 2].map(() => createPool(databaseUrl, 1, 'kept'));
  await pool.query(`INSERT INTO tenants (id) VALUES ('t')`);
  await pool.query(`INSERT INTO processes (role) VALUES ('worker'), ('worker')`);
});
afterAll(() => Promise.all([pool, ...pools].map((each) => each.end())));

/** Deliveries that wait for their second attempt. */
async function retrying(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('dlv'));
  const eventUid = newId('evt');
  await pool.query(
    `INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
     VALUES ('t', $1, $1, 'a.b', 'production', now(), '{}', now())`,
    [eventUid],
  );
  await pool.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             workflow_id, attempt_count, created_at)
     SELECT 't', id, $2, $2, 'ep_1', 'a.b', 'production', 'schedule', 'retrying', 'w', 1, now() FROM unnest($1::text[]) id`,
    [ids, eventUid],
  );
  return ids;
}

async function claim(db: Queryable, processId: number, ids: string[]): Promise<string[]> {
  const wanted = ids.map((deliveryId) => ({ deliveryId, number: 2, manual: false, workflowId: 'w' }));
  const found = await claimAttempts(db, processId, wanted);
  expect(found.size).toBe(ids.length);
  return ids.filter((id) => found.get(id)!.mine);
}

it('each attempt is claimed by one of two processes, never by both', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const ids = await retrying(TOGETHER);
    const claimed = await Promise.all([claim(pools[0]!, 1, ids), claim(pools[1]!, 2, ids.toReversed())]);
    const all = claimed.flat();
    expect(new Set(all).size).toBe(all.length);
  }
});

it('what is cancelled, or claimed, between the look and the lock is not claimed', async () => {
  const ids = await retrying(TOGETHER);
  const [cancelled, taken, touched] = ids.slice(-3);
  // Looks at one row after the other, slowly.
  const slow: Queryable = {
    query: (statement) => {
      const from = 'AS w (id, number, manual, workflow_id)';
      expect(statement.text).toContain(from);
      const text = statement.text.replace(from, `${from} WHERE pg_sleep(0.02) IS NOT NULL`);
      return pools[0]!.query({ ...statement, text, name: 'slow-claim' });
    },
  };
  const claiming = claim(slow, 1, ids);
  await pool.query('SELECT pg_sleep(0.2)');
  await pool.query(`UPDATE deliveries SET status = 'cancelled' WHERE id = $1`, [cancelled]);
  await pool.query('UPDATE deliveries SET attempting_by = 2, attempting_number = 2 WHERE id = $1', [taken]);
  await pool.query('UPDATE deliveries SET last_status_code = 500 WHERE id = $1', [touched]);
  expect(await claiming).toEqual(ids.filter((id) => id !== cancelled && id !== taken));
});
