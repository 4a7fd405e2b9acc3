/** Who may do what: keys with scopes, keys of one tenant, tokens of one tenant, and who is nobody here. */
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { startTestPosthorn, type Answer } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const as = (credential: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  rig.call(method, path, body, { authorization: `Bearer ${credential}` });
const event = { type: 'a.b', data: {} };

async function makeKey(settings: object): Promise<Json> {
  const answer = await rig.call('POST', '/v1/keys', { name: 'test', ...settings });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

async function makeToken(tenant: string, settings: object = {}): Promise<string> {
  const answer = await rig.call('POST', `/v1/tenants/${tenant}/tokens`, { capability: 'read', ...settings });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.token;
}

/** One request of each kind, and what each credential gets. */
const requests: [string, string, string, unknown?][] = [
  ['publish', 'POST', '/v1/tenants/T/events', event],
  ['publish in a batch', 'POST', '/v1/tenants/T/events/batch', { events: [event] }],
  ['list deliveries', 'GET', '/v1/tenants/T/deliveries'],
  ['read an endpoint', 'GET', '/v1/tenants/T/endpoints/E'],
  ['change an endpoint', 'PATCH', '/v1/tenants/T/endpoints/E', { name: 'new' }],
  ['rotate a secret', 'POST', '/v1/tenants/T/endpoints/E/secret/rotate'],
  ['name the tenant', 'PUT', '/v1/tenants/T', { name: 'new' }],
  ['make a token', 'POST', '/v1/tenants/T/tokens', { capability: 'read' }],
  ['list event types', 'GET', '/v1/event-types'],
  ['make a key', 'POST', '/v1/keys', { name: 'x', scopes: ['admin'] }],
  ['list keys', 'GET', '/v1/keys'],
];
const expected: Record<string, number[]> = {
  //          publish batch list read change rotate name token types key keys
  admin: [/**/ 202, 202, 200, 200, 200, 200, 200, 201, 200, 201, 200],
  publish: [/**/ 202, 202, 403, 403, 403, 403, 403, 403, 200, 403, 403],
  manage: [/**/ 403, 403, 200, 200, 200, 200, 403, 403, 200, 403, 403],
  read: [/**/ 403, 403, 200, 200, 403, 403, 403, 403, 200, 403, 403],
  'publish and manage': [/**/ 202, 202, 200, 200, 200, 200, 403, 403, 200, 403, 403],
};

describe.each(Object.entries(expected))('a key for %s', (name, statuses) => {
  it.each(requests.map((request, index) => ({ request, what: request[0], status: statuses[index]! })))(
    '$what: $status',
    async ({ request: [, method, path, body], status }) => {
      const tenant = newTenant();
      const { id } = await rig.endpoint(tenant, '/x');
      const { key } = await makeKey({ scopes: name.split(' and ') });
      const answer = await as(key, method, path.replace('/T', `/${tenant}`).replace('/E', `/${id}`), body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(status);
      if (status === 403) expectProblem(answer, 403);
    },
  );
});

it('a key of one tenant sees no other, whatever its scopes', async () => {
  const [tenant, other] = [newTenant(), newTenant()];
  await rig.endpoint(other, '/x');
  const { key } = await makeKey({ scopes: ['publish', 'manage'], tenant_id: tenant });
  expect((await as(key, 'GET', `/v1/tenants/${tenant}/deliveries`)).status).toBe(200);
  expect((await as(key, 'POST', `/v1/tenants/${tenant}/events`, event)).status).toBe(202);
  for (const [method, path] of [
    ['GET', `/v1/tenants/${other}`],
    ['GET', `/v1/tenants/${other}/endpoints`],
    ['POST', `/v1/tenants/${other}/events`],
    ['POST', `/v1/tenants/${other}/tokens`],
    ['DELETE', `/v1/tenants/${other}`],
  ] as const)
    expectProblem(await as(key, method, path, method === 'POST' ? event : undefined), 404);
  expectProblem(await as(key, 'GET', `/v1/tenants/${encodeURIComponent(tenant)}%2e/endpoints`), 404);
  expectProblem(await as(key, 'GET', '/v1/keys'), 403);
  expectProblem(await as(key, 'GET', '/metrics'), 403);
});

it('no other spelling of a path needs less', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/x');
  const { key } = await makeKey({ scopes: ['manage'] });
  const { key: reader } = await makeKey({ scopes: ['read'] });
  for (const path of [
    'EVENTS',
    'events/',
    'events/batch/',
    '/events',
    './events',
    'endpoints/../events',
    'e%76ents',
  ])
    expect([403, 404], path).toContain(
      (await as(key, 'POST', `/v1/tenants/${tenant}/${path}`, event)).status,
    );
  for (const path of ['endpoints', 'ENDPOINTS', 'endpoints/', '%65ndpoints'])
    expect([403, 404], path).toContain(
      (await as(reader, 'DELETE', `/v1/tenants/${tenant}/${path}/${id}`)).status,
    );
  expect((await rig.call('GET', `/v1/tenants/${tenant}/endpoints/${id}`)).status).toBe(200);
});

it('a key is shown once, and listed by its beginning, scopes and last use', async () => {
  const made = await makeKey({ name: 'backend', scopes: ['publish', 'publish'] });
  expect(made).toMatchObject({ name: 'backend', scopes: ['publish'], tenant_id: null, last_used_at: null });
  expect(made.key).toMatch(/^ph_[\w-]{43}$/);
  const listed = (await rig.call('GET', '/v1/keys')).body;
  const { key, ...rest } = made;
  expect(listed.data).toContainEqual(rest);
  expect(key.startsWith(rest.prefix)).toBe(true);
  expect(JSON.stringify(listed)).not.toContain(key);
  const stored = await rig.sql('SELECT * FROM api_keys');
  expect(JSON.stringify(stored)).not.toContain(key.slice(12));
});

it('revoked, it is refused at once here, and within a second elsewhere', async () => {
  const second = await startTestPosthorn(
    { POSTHORN_ROLE: 'api', POSTHORN_TASK_QUEUE: rig.config.taskQueue },
    rig.databaseUrl,
  );
  const { id, key } = await makeKey({ scopes: ['read'] });
  const there = () => second.call('GET', '/v1/event-types', undefined, { authorization: `Bearer ${key}` });
  // Known here, and there, as soon as it has been made.
  expect((await there()).status).toBe(200);
  expect((await rig.call('DELETE', `/v1/keys/${id}`)).status).toBe(204);
  const revokedAtMs = Date.now();
  expect((await as(key, 'GET', '/v1/event-types')).status).toBe(401);
  await until(there, ({ status }) => status === 401);
  expect(Date.now() - revokedAtMs).toBeLessThan(1_000);
  expect((await rig.call('GET', `/v1/keys/${id}`)).body.revoked_at).not.toBeNull();
  expect((await rig.call('DELETE', `/v1/keys/${id}`)).status).toBe(204);
  await second.stop();
});

it('expired, it is refused, until it is given a later end', async () => {
  const { id, key } = await makeKey({
    scopes: ['read'],
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  expect((await as(key, 'GET', '/v1/event-types')).status).toBe(200);
  await rig.sql(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, id);
  await rig.sql(`SELECT pg_notify('posthorn_keys', $1)`, id);
  await until(
    () => as(key, 'GET', '/v1/event-types'),
    ({ status }) => status === 401,
  );
  expect((await rig.call('PATCH', `/v1/keys/${id}`, { expires_at: null })).status).toBe(200);
  expect((await as(key, 'GET', '/v1/event-types')).status).toBe(200);
  await rig.call('DELETE', `/v1/keys/${id}`);
  // Revoked for good.
  expectProblem(await rig.call('PATCH', `/v1/keys/${id}`, { expires_at: null }), 404);
  expect((await as(key, 'GET', '/v1/event-types')).status).toBe(401);
});

it('what makes no sense of a key is refused by name', async () => {
  const refused = (body: object, ...paths: string[]) =>
    rig.call('POST', '/v1/keys', body).then((answer) => expectProblem(answer, 422, ...paths));
  await refused({ scopes: ['read'] }, 'name');
  await refused({ name: 'x', scopes: [] }, 'scopes');
  await refused({ name: 'x', scopes: ['root'] }, 'scopes[0]');
  await refused({ name: 'x', scopes: ['admin'], tenant_id: 'acme' }, 'scopes');
  await refused({ name: 'x', scopes: ['read'], tenant_id: '../acme' }, 'tenant_id');
  await refused({ name: 'x', scopes: ['read'], expires_at: '2020-01-01T00:00:00Z' }, 'expires_at');
  await refused({ name: 'x', scopes: ['read'], expires_at: '9999-12-31T23:59:59-01:00' }, 'expires_at');
  await refused({ name: 'x', scopes: ['read'], digest: 'y' }, 'digest');
  expectProblem(await rig.call('GET', '/v1/keys/key_1'), 404);
  expectProblem(await rig.call('DELETE', '/v1/keys/key_1'), 404);
});

describe('a token', () => {
  it('is good for its tenant and its capability, and for making no other', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const { id } = await rig.endpoint(tenant, '/x');
    const reader = await makeToken(tenant);
    const manager = await makeToken(tenant, { capability: 'manage', subject: 'ada@acme.example' });
    const endpoint = `/v1/tenants/${tenant}/endpoints/${id}`;
    expect((await as(reader, 'GET', endpoint)).status).toBe(200);
    expectProblem(await as(reader, 'PATCH', endpoint, { name: 'y' }), 403);
    expect((await as(manager, 'PATCH', endpoint, { name: 'y' })).status).toBe(200);
    expectProblem(await as(manager, 'POST', `/v1/tenants/${tenant}/tokens`, { capability: 'manage' }), 403);
    expectProblem(await as(manager, 'DELETE', `/v1/tenants/${tenant}`), 403);
    expectProblem(await as(manager, 'POST', `/v1/tenants/${tenant}/events`, event), 403);
    expectProblem(await as(manager, 'GET', '/v1/keys'), 403);
    expectProblem(await as(manager, 'GET', `/v1/tenants/${other}/endpoints`), 404);
  });

  it('sees a secret when the endpoint is made, and never again', async () => {
    const tenant = newTenant();
    const token = await makeToken(tenant, { capability: 'manage' });
    const make = () =>
      rig.call(
        'POST',
        `/v1/tenants/${tenant}/endpoints`,
        { url: `${rig.receiver.url}/x` },
        { authorization: `Bearer ${token}`, 'idempotency-key': 'once' },
      );
    expect((await make()).body.secret).toMatch(/^whsec_/);
    const again = await make();
    expect(again.status).toBe(200);
    expect(JSON.stringify(again.body)).not.toContain('whsec_');
  });

  it('ends with all of its tenant when they are revoked, and with the tenant', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const token = await makeToken(tenant);
    const others = await makeToken(other);
    const list = (with_: string, of: string) => as(with_, 'GET', `/v1/tenants/${of}/endpoints`);
    expect((await list(token, tenant)).status).toBe(200);
    expect((await rig.call('DELETE', `/v1/tenants/${tenant}/tokens`)).status).toBe(204);
    await until(
      () => list(token, tenant),
      ({ status }) => status === 401,
    );
    expect((await list(others, other)).status).toBe(200);
    const fresh = await makeToken(tenant);
    expect((await list(fresh, tenant)).status).toBe(200);
    expect((await rig.call('DELETE', `/v1/tenants/${tenant}`)).status).toBe(202);
    await until(
      () => list(fresh, tenant),
      ({ status }) => status === 401,
    );
  });

  it('is refused when forged, unsigned or signed by another key', async () => {
    const tenant = newTenant();
    const token = await makeToken(tenant);
    const [head, claims, signature] = token.split('.') as [string, string, string];
    const decoded = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const wider = encode({ ...decoded, capability: 'manage' });
    const kid = JSON.parse(Buffer.from(head, 'base64url').toString()).kid as string;
    const sign = (id: string, with_: object) =>
      new SignJWT({ ...decoded, ...with_ })
        .setProtectedHeader({ alg: 'HS256', kid: id })
        .sign(new Uint8Array(32));
    const forged = [
      `${head}.${wider}.${signature}`,
      `${encode({ alg: 'none' })}.${claims}.`,
      `${encode({ alg: 'none', kid })}.${claims}.x`,
      `${encode({ alg: 'HS512', kid })}.${claims}.${signature}`,
      await sign(kid, {}),
      await sign('sig_0', {}),
      await sign("' OR 1=1 --", {}),
      `${token}x`,
    ];
    for (const one of forged) {
      const { status } = await as(one, 'GET', `/v1/tenants/${tenant}/endpoints`);
      expect([401, 429], one).toContain(status);
    }
    expect((await as(token, 'GET', `/v1/tenants/${tenant}/endpoints`)).status).toBe(200);
  });

  it('that makes no sense is refused by name', async () => {
    const path = `/v1/tenants/${newTenant()}/tokens`;
    expectProblem(await rig.call('POST', path, { capability: 'admin' }), 422, 'capability');
    expectProblem(await rig.call('POST', path, { capability: 'read', expires_in: 5 }), 422, 'expires_in');
    expectProblem(await rig.call('POST', path, { capability: 'read', expires_in: 1e9 }), 422, 'expires_in');
  });
});

it('who presents much that is wrong is told to wait; what is right is let through', async () => {
  const answers: Answer[] = [];
  for (let n = 0; n < 25; n += 1) answers.push(await as(`ph_wrong-${n}`, 'GET', '/v1/event-types'));
  const [first] = answers;
  expect([401, 429]).toContain(first!.status);
  const last = answers.at(-1)!;
  expectProblem(last, 429);
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await rig.call('GET', '/v1/event-types')).status).toBe(200);
  const { key } = await makeKey({ scopes: ['read'] });
  // A new one too, as soon as it is known here.
  await until(
    () => as(key, 'GET', '/v1/event-types'),
    ({ status }) => status === 200,
  );
});
