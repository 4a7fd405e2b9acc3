/** Two groups of attempts that are recorded at the same time, about the same endpoints, never wait for each other. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { recordAttempts, type AttemptRecord } from '../../src/store/record-attempts.ts';
import { attemptRecord } from '../support/attempt-record.ts';
import { createDatabase } from '../support/posthorn.ts';
import { until } from '../support/until.ts';

let admin: pg.Client;
/** Not `admin`: what others do is not seen anew within a transaction. */
let holder: pg.Client;
let db: Pool;
beforeAll(async () => {
  const databaseUrl = await createDatabase();
  admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  db = createPool(databaseUrl, 2, 'kept');
  await admin.query(`INSERT INTO tenants (id) VALUES ('t')`);
});
afterAll(() => Promise.all([admin.end(), holder.end(), db.end()]));

async function endpoint(): Promise<string> {
  const id = newId('ep');
  await admin.query(
    `INSERT INTO endpoints (id, tenant_id, url, profile, events, environments, method, headers)
     VALUES ($1, 't', 'http://x.test', 'standard', '{*}', '{production}', 'POST', '{}')`,
    [id],
  );
  return id;
}

/** An attempt at each, and the deliveries that they are of. */
async function attempts(verdicts: [endpointId: string, verdict: 'succeeded' | 'retrying' | 'failed'][]) {
  const records = verdicts.map(([endpointId, verdict]): AttemptRecord => ({
    ...attemptRecord(newId('dlv'), verdict),
    endpointId,
  }));
  await admin.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, created_at)
     SELECT 't', d.id, 'evt_x', 'x', d.endpoint_id, 'a.b', 'production', 'schedule', 'pending', now()
       FROM unnest($1::text[], $2::text[]) AS d (id, endpoint_id)`,
    [records.map(({ deliveryId }) => deliveryId), verdicts.map(([endpointId]) => endpointId)],
  );
  return records;
}

const failing = async (): Promise<string[]> => {
  const { rows } = await admin.query<{ id: string }>(
    'SELECT endpoint_id AS id FROM failing_endpoints ORDER BY 1',
  );
  return rows.map(({ id }) => id);
};

const waiting = (count: number) =>
  until(
    async () => {
      const { rows } = await admin.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return rows[0]!.count;
    },
    (found) => found === count,
  );

/** Whoever holds `held` lets go once both groups wait, the first of them for that. */
async function meet(held: string, first: AttemptRecord[], second: AttemptRecord[]): Promise<void> {
  await holder.query('BEGIN');
  await holder.query(`INSERT INTO failing_endpoints (tenant_id, endpoint_id) VALUES ('t', $1)`, [held]);
  const one = recordAttempts(db, first);
  await waiting(1);
  const two = recordAttempts(db, second);
  await waiting(2);
  await holder.query('ROLLBACK');
  await Promise.all([one, two]);
}

it.each(['retrying', 'failed'] as const)(
  'one says that an endpoint answers again, the other that it fails on, and of another both that it fails (%s)',
  async (verdict) => {
    const [both, held, answers] = [await endpoint(), await endpoint(), await endpoint()];
    const longAgo = `now() - interval '10 minutes'`;
    await admin.query(
      `INSERT INTO failing_endpoints (tenant_id, endpoint_id, since, last_failure_at) VALUES ('t', $1, ${longAgo}, ${longAgo})`,
      [answers],
    );
    const first = await attempts([
      [both, verdict],
      [held, verdict],
      [answers, 'succeeded'],
    ]);
    const second = await attempts([
      [both, verdict],
      [answers, verdict],
    ]);
    await meet(held, first, second);
    expect(await failing()).toEqual([both, held]);
    await admin.query('DELETE FROM failing_endpoints');
  },
);

it('both say of several that they answer again, in another order', async () => {
  const endpoints = [await endpoint(), await endpoint(), await endpoint()];
  const held = await endpoint();
  for (const id of endpoints.toReversed())
    await admin.query(`INSERT INTO failing_endpoints (tenant_id, endpoint_id) VALUES ('t', $1)`, [id]);
  const first = await attempts([
    ...endpoints.map((id): [string, 'succeeded'] => [id, 'succeeded']),
    [held, 'failed'],
  ]);
  const second = await attempts(endpoints.toReversed().map((id) => [id, 'succeeded']));
  await meet(held, first, second);
  expect(await failing()).toEqual([held]);
});
