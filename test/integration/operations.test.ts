/** What operators ask of the deployment, over all tenants: here of an API process, while another one works. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldStats } from '../../src/store/fold-stats.ts';
import { createDatabase, startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { expectProblem, newTenant, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const SECRET = 'Planted-Encryption-Key-0123456789';
const [busy, quiet] = [`${newTenant()}-busy`, `${newTenant()}-quiet`];
let api: TestPosthorn;
let worker: TestPosthorn;
let receiver: TestReceiver;
let pool: pg.Pool;

const get = async (path: string): Promise<Json> => {
  const { status, body } = await api.call('GET', path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

async function publish(tenant: string, path: string, count: number): Promise<void> {
  const settings = { url: receiver.url + path, name: path, max_retries: 0 };
  expect((await api.call('POST', `/v1/tenants/${tenant}/endpoints`, settings)).status).toBe(201);
  const events = Array.from({ length: count }, (_, n) => ({ type: 'a.b', data: { n } }));
  expect((await api.call('POST', `/v1/tenants/${tenant}/events/batch`, { events })).status).toBe(202);
}

beforeAll(async () => {
  const databaseUrl = await createDatabase();
  pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const common = { POSTHORN_TASK_QUEUE: `operations-${randomUUID()}`, POSTHORN_ENCRYPTION_KEY: SECRET };
  receiver = await startTestReceiver();
  worker = await startTestPosthorn({ ...common, POSTHORN_ROLE: 'worker' }, databaseUrl);
  api = await startTestPosthorn({ ...common, POSTHORN_ROLE: 'api', MAX_IN_FLIGHT: '77' }, databaseUrl);
  receiver.answerAt('/broken', 500);
  receiver.answerAt('/worse', 502);
  await publish(busy, '/broken', 5);
  await publish(quiet, '/worse', 1);
  await publish(quiet, '/fine', 1);
  await until(
    () => get('/v1/operations/failing-endpoints'),
    ({ data }) => data.length === 2,
  );
});
afterAll(async () => {
  await api?.stop();
  await worker?.stop();
  await receiver?.stop();
  await pool?.end();
});

describe('GET /v1/operations', () => {
  it('tells what waits, who works, and how many endpoints fail', async () => {
    const now = await until(
      () => get('/v1/operations'),
      ({ failing_endpoints: count, backlog }) => count === 2 && backlog.deliveries === 0,
    );
    expect(now.temporal).toEqual({ connected: true });
    expect(now.workers).toEqual([
      expect.objectContaining({ role: 'worker', silent_seconds: expect.any(Number) }),
    ]);
    expect(now.workers[0].silent_seconds).toBeLessThan(30);
    expect(now.backlog.oldest_seconds).toBe(0);
    expect(now.replays).toEqual({ running: 0, paused: 0 });
  });
});

describe('GET /v1/operations/failing-endpoints', () => {
  it('has those of all tenants, the latest first, by pages that lose and repeat none', async () => {
    const { data } = await get('/v1/operations/failing-endpoints');
    expect(data.map((row: Json) => [row.tenant_id, row.name, row.last_status_code]).sort()).toEqual(
      [
        [busy, '/broken', 500],
        [quiet, '/worse', 502],
      ].sort(),
    );
    // Within the same microsecond, too.
    await pool.query('UPDATE failing_endpoints SET since = (SELECT max(since) FROM failing_endpoints)');
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Json = await get(
        `/v1/operations/failing-endpoints?limit=1${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...page.data.map((row: Json) => row.endpoint_id));
      cursor = page.next_cursor;
    }
    expect(seen.toSorted()).toEqual(data.map((row: Json) => row.endpoint_id).toSorted());
  });
});

describe('GET /v1/operations/tenants', () => {
  it('has the tenants by how much they attempted', async () => {
    await until(
      async () => {
        await foldStats(pool);
        return get('/v1/operations/tenants');
      },
      ({ data }) => data.length === 2 && data[0].attempts === 5 && data[1].attempts === 3,
    );
    for (const interval of ['hour', 'day']) {
      const { data, is_complete: isComplete } = await get(`/v1/operations/tenants?interval=${interval}`);
      expect(data).toEqual([
        { tenant_id: busy, name: null, attempts: 5, failed: 5 },
        { tenant_id: quiet, name: null, attempts: 3, failed: 2 },
      ]);
      expect(isComplete).toBe(true);
    }
  });
});

describe('GET /v1/notifications', () => {
  it('has those of all tenants, by kind and status', async () => {
    const { data } = await until(
      () => get('/v1/notifications'),
      (page) => page.data.length === 2,
    );
    expect(data.map((row: Json) => row.tenant_id).toSorted()).toEqual([busy, quiet].toSorted());
    const first = await get('/v1/notifications?limit=1&kind=delivery.exhausted');
    const second = await get(`/v1/notifications?limit=1&kind=delivery.exhausted&cursor=${first.next_cursor}`);
    expect([first.data[0].id, second.data[0].id]).toEqual(data.map((row: Json) => row.id));
    expect((await get('/v1/notifications?kind=endpoint.recovered')).data).toEqual([]);
  });
});

describe('GET /v1/settings', () => {
  it('has those of the process that answers, without secrets', async () => {
    const { process, data } = await get('/v1/settings');
    expect(process.role).toBe('api');
    expect(data).toContainEqual({ name: 'MAX_IN_FLIGHT', value: '77', is_set: true, is_hidden: false });
    expect(data).toContainEqual({
      ...{ name: 'POSTHORN_ENCRYPTION_KEY', value: null },
      ...{ is_set: true, is_hidden: true },
    });
    expect(JSON.stringify(data)).not.toContain(SECRET);
  });
});

it.each(['/v1/operations', '/v1/operations/failing-endpoints', '/v1/operations/tenants', '/v1/settings'])(
  '%s is for admins, and for nobody who has one tenant alone',
  async (path) => {
    for (const settings of [
      { scopes: ['manage', 'read', 'publish'] },
      { scopes: ['manage'], tenant_id: quiet },
    ]) {
      const { body } = await api.call('POST', '/v1/keys', { name: 'not an admin', ...settings });
      const authorization = `Bearer ${body.key}`;
      expectProblem(await api.call('GET', path, undefined, { authorization }), 403);
    }
  },
);

it('a key is renamed and let end, and is refused from then on', async () => {
  const { body: made } = await api.call('POST', '/v1/keys', { name: 'old', scopes: ['read'] });
  const change = (body: object, id = made.id) => api.call('PATCH', `/v1/keys/${id}`, body);
  expect((await change({ name: 'renamed' })).body).toMatchObject({ name: 'renamed', expires_at: null });
  const end = new Date(Date.now() + 1_500);
  expect((await change({ expires_at: end })).body).toMatchObject({
    ...{ name: 'renamed', expires_at: end.toISOString() },
  });
  const authorization = `Bearer ${made.key}`;
  expect((await api.call('GET', '/v1/me', undefined, { authorization })).status).toBe(200);
  await until(
    () => api.call('GET', '/v1/me', undefined, { authorization }),
    ({ status }) => status === 401,
  );
  expectProblem(await change({}), 422, 'expires_at');
  expectProblem(await change({ expires_at: '2001-01-01' }), 422, 'expires_at');
  await api.call('DELETE', `/v1/keys/${made.id}`);
  expectProblem(await change({ expires_at: null }), 404);
  const { data } = await get(`/v1/audit?subject_id=${made.id}`);
  expect(data.map((entry: Json) => entry.action)).toEqual([
    'key.revoked',
    'key.changed',
    'key.changed',
    'key.created',
  ]);
  expect(data[2]).toMatchObject({ before: { name: 'old' }, after: { name: 'renamed' } });
});
