/** One tenant's hanging endpoints and backlog, beside another tenant. */
import pg from 'pg';
import { expect, it } from 'vitest';
import { startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import { startTestReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

/** No slot comes free before. */
const HANGS_SECONDS = 30;

async function setUp(onTestFinished: (after: () => Promise<void>) => void, env: NodeJS.ProcessEnv = {}) {
  const receiver = await startTestReceiver();
  receiver.answerAt('/hangs', () => {});
  const posthorn = await startTestPosthorn(env);
  onTestFinished(async () => {
    // First, or what hangs is waited for.
    await receiver.stop();
    await posthorn.stop();
  });
  return { receiver, posthorn, ...tenants(posthorn, receiver.url) };
}

function tenants({ call }: TestPosthorn, receiverUrl: string) {
  return {
    async endpoint(tenant: string, path: string, type: string) {
      const { status } = await call('POST', `/v1/tenants/${tenant}/endpoints`, {
        ...{ url: receiverUrl + path, events: [type], timeout_seconds: HANGS_SECONDS },
      });
      expect(status).toBe(201);
    },
    async publish(tenant: string, type: string, count: number) {
      const events = Array.from({ length: count }, (_, n) => ({ type, data: { n } }));
      const { status } = await call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
      expect(status).toBe(202);
    },
  };
}

it('twenty endpoints of a tenant that hang take no slot from another tenant', async ({ onTestFinished }) => {
  const { receiver, endpoint, publish } = await setUp(onTestFinished, { MAX_IN_FLIGHT: '16' });
  for (let n = 0; n < 20; n += 1) await endpoint('greedy', '/hangs', `hangs.${n}`);
  await endpoint('modest', '/answers', 'a.b');
  for (let n = 0; n < 20; n += 1) await publish('greedy', `hangs.${n}`, 20);
  const hangs = await until(
    () => receiver.at('/hangs'),
    (requests) => requests.length > 0,
  );
  const begunAt = hangs[0]!.atMs;
  const answered = (count: number) =>
    until(
      () => receiver.at('/answers').length,
      (length) => length === count,
    );
  await publish('modest', 'a.b', 50);
  await answered(50);
  // Nor later, when those that hang have taken all they can get.
  await until(
    () => receiver.at('/hangs').length,
    (count) => count > 20,
  );
  await publish('modest', 'a.b', 50);
  await answered(100);
  expect(Date.now() - begunAt).toBeLessThan((HANGS_SECONDS * 1000) / 2);
});

it('backlogs of four endpoints that hang leave memory to the others', async ({ onTestFinished }) => {
  const { receiver, endpoint, publish } = await setUp(onTestFinished);
  for (let n = 0; n < 4; n += 1) await endpoint('acme', '/hangs', `hangs.${n}`);
  await endpoint('acme', '/answers', 'a.b');
  const begunAt = Date.now();
  for (let n = 0; n < 20; n += 1) await publish('acme', `hangs.${n % 4}`, 1_000);
  await publish('acme', 'a.b', 50);
  await until(
    () => receiver.at('/answers').length,
    (count) => count === 50,
  );
  expect(Date.now() - begunAt).toBeLessThan((HANGS_SECONDS * 1000) / 2);
});

it('a backlog in the table goes to its endpoint without a pause', async ({ onTestFinished }) => {
  const { posthorn, receiver, endpoint, publish } = await setUp(onTestFinished);
  await endpoint('acme', '/answers', 'a.b');
  await publish('acme', 'a.b', 1);
  const COUNT = 8_000;
  const db = new pg.Client({ connectionString: posthorn.databaseUrl });
  await db.connect();
  onTestFinished(() => db.end());
  // As if that one had been published again and again by processes that are no more.
  await db.query(
    `WITH one AS (SELECT * FROM deliveries LIMIT 1)
     INSERT INTO deliveries (id, tenant_id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, created_at)
     SELECT left(o.id, -6) || lpad(n::text, 6, '0'), o.tenant_id, o.event_uid, o.event_id, o.endpoint_id, o.event_type, o.environment,
            o.trigger, 'pending', o.created_at
       FROM one o, generate_series(1, $1) n`,
    [COUNT],
  );
  posthorn.posthorn.dispatch!.claimer.nudge();
  await until(
    () => receiver.at('/answers').length,
    (count) => count === COUNT + 1,
  );
  const times = receiver
    .at('/answers')
    .slice(1)
    .map(({ atMs }) => atMs);
  const pauses = times.slice(1).map((atMs, n) => atMs - times[n]!);
  expect(Math.max(...pauses)).toBeLessThan(5_000);
});
