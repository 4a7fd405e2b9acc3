/** How many attempts an endpoint is sent, over two worker processes, measured where they arrive. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reserveAttempts } from '../../src/store/reserve-attempts.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const queue = `test-${randomUUID()}`;
const rig = useRig({ POSTHORN_TASK_QUEUE: queue });
let other: TestPosthorn;
let db: Pool;
beforeAll(async () => {
  other = await startTestPosthorn({ POSTHORN_TASK_QUEUE: queue }, rig.databaseUrl);
  db = createPool(rig.databaseUrl, 2, 'kept');
});
afterAll(() => Promise.all([other?.stop(), db?.end()]));

/** As a crowd, through both processes. On a busy machine some may be refused for want of time: they are sent again. */
async function publishMany(tenant: string, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => ({ id: `${n}`, type: 'a.b', data: { n } }));
  for (let from = 0; from < count; from += 200) {
    const app = from % 400 === 0 ? rig : other;
    const body = { events: events.slice(from, from + 200) };
    await until(
      () => app.call('POST', `/v1/tenants/${tenant}/events/batch`, body),
      ({ body: { results } }) => results?.every((one: Json) => 'delivery_ids' in one) === true,
    );
  }
}

const statuses = (endpoint: Json): Promise<{ status: string; count: number }[]> =>
  rig.sql(
    'SELECT status, count(*)::int AS count FROM deliveries WHERE endpoint_id = $1 GROUP BY 1',
    endpoint.id,
  );

/** What arrives may have been held up on its way by so much, on a machine that does much else. */
const JITTER_MS = 500;

/** By how many more arrived in any window than were allowed in it, given a jitter of so many milliseconds. */
function excess(atMs: number[], perSecond: number, burst: number, jitterMs: number): number {
  let most = -Infinity;
  for (let from = 0; from < atMs.length; from += 1) {
    for (let to = from; to < atMs.length; to += 1) {
      const allowed = burst + ((atMs[to]! - atMs[from]! + jitterMs) / 1000) * perSecond;
      most = Math.max(most, to - from + 1 - allowed);
    }
  }
  return most;
}

it('keeps to the rate, uses it up, and delivers all, whichever process gets them', async () => {
  const tenant = newTenant();
  const limit = { per_second: 40, burst: 20 };
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, { rate_limit: limit });
  expect(endpoint.rate_limit).toEqual(limit);
  await publishMany(tenant, 320);
  const received = await rig.calls(`/${tenant}`, 320);
  const atMs = received.map((one) => one.atMs).sort((a, b) => a - b);
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(320);
  const seconds = (atMs.at(-1)! - atMs[0]!) / 1000;
  // From its beginning on there was work. (The benchmark asks for 95 %; here others use the machine, too.)
  expect(320).toBeGreaterThanOrEqual(0.6 * (20 + 40 * seconds));
  expect(atMs.length).toBeLessThanOrEqual(20 + 40 * seconds + 1);
  expect(excess(atMs, 40, 20, JITTER_MS)).toBeLessThanOrEqual(1);
  await until(
    () => statuses(endpoint),
    (rows) => rows.length === 1 && rows[0]!.status === 'succeeded' && rows[0]!.count === 320,
  );
});

it('leaves what is not due to the table, and asks for it neither often nor at the cost of others', async () => {
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, {
    rate_limit: { per_second: 0.01 },
    events: ['a.b'],
  });
  await rig.endpoint(tenant, `/${tenant}-free`, { events: ['c.d'] });
  await publishMany(tenant, 400);
  await rig.calls(`/${tenant}`, 1);
  const waiting = () =>
    rig.sql(
      `SELECT count(*)::int AS n FROM deliveries WHERE endpoint_id = $1 AND status = 'pending' AND claimed_by IS NULL
          AND workflow_id IS NULL`,
      endpoint.id,
    );
  await until(waiting, ([row]) => row.n === 399);
  const inMemory = () =>
    [rig, other].map(({ posthorn }) => posthorn.dispatch!.dispatcher.inMemory().deliveries);
  await until(inMemory, (held) => held.every((count) => count === 0));
  const { delivery_ids: ids } = await rig.publish(tenant, { type: 'c.d' });
  expect(await rig.settled(tenant, ids[0]!, 'succeeded')).toMatchObject({ attempt_count: 1 });
  expect(rig.receiver.at(`/${tenant}`).length).toBe(1);

  // Without a limit, they come at once.
  const path = `/v1/tenants/${tenant}/endpoints/${endpoint.id}`;
  expect((await rig.call('PATCH', path, { rate_limit: null })).body.rate_limit).toBeNull();
  await rig.calls(`/${tenant}`, 400);
});

it('retries within the rate, without using up a step of the schedule', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, 500);
  const settings = { rate_limit: { per_second: 20 }, retry_schedule_seconds: [1, 1], max_retries: 2 };
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, settings);
  await publishMany(tenant, 30);
  await rig.calls(`/${tenant}`, 90);
  const atMs = rig.receiver.at(`/${tenant}`).map((one) => one.atMs);
  expect(excess(atMs, 20, 1, JITTER_MS)).toBeLessThanOrEqual(1);
  await until(
    () => statuses(endpoint),
    (rows) => rows.length === 1 && rows[0]!.status === 'failed' && rows[0]!.count === 30,
  );
  expect(rig.receiver.at(`/${tenant}`).length).toBe(90);
});

it('an attempt by hand waits for its turn, too, and is made', async () => {
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, { rate_limit: { per_second: 0.3 } });
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'succeeded');
  const path = `/v1/tenants/${tenant}/deliveries/${ids[0]!}/retry`;
  expect((await rig.call('POST', path)).status).toBe(202);
  const [first, second] = await rig.calls(`/${tenant}`, 2);
  expect(second!.atMs - first!.atMs).toBeGreaterThan(3_000);
  expect(endpoint.slowed_until).toBeNull();
  const found = await until(
    () => rig.delivery(tenant, ids[0]!),
    (delivery) => delivery.attempt_count === 2,
  );
  expect(found.attempts[1].trigger).toBe('manual');
});

it('Postgres reckons as the processes do', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, `/${tenant}`, { rate_limit: { per_second: 10, burst: 5 } });
  const ask = async (count: number) =>
    (await reserveAttempts(db, [{ tenantId: tenant, endpointId: id, count }]))[0];
  const first = await ask(3);
  expect(first).toMatchObject({ limit: { perSecond: 10, burst: 5 }, granted: 3 });
  expect(first!.used).toBeCloseTo(3, 3);
  const second = await ask(100);
  // Five at once, and what is due within a second.
  expect(first!.granted + second!.granted).toBeGreaterThanOrEqual(14);
  expect(first!.granted + second!.granted).toBeLessThanOrEqual(16);
  expect((await ask(100))!.granted).toBeLessThanOrEqual(2);

  await rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/${id}`, { rate_limit: { per_second: 0.1 } });
  const third = await ask(5);
  expect(third).toMatchObject({ limit: { perSecond: 0.1, burst: 1 }, granted: 0 });
  // Not more than this limit could have used up.
  expect(third!.used).toBeLessThanOrEqual(1.1);
  await rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/${id}`, { rate_limit: null });
  expect(await ask(5)).toBeNull();
});
