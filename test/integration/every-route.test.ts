/** Every operation of the OpenAPI document with every kind of credential: what it says is needed, is needed, and enough. */
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSeal } from '../../src/store/seal.ts';
import { listTokenKeys } from '../../src/store/token-keys.ts';
import { API_KEY } from '../support/posthorn.ts';
import {
  inParallel,
  operations,
  sendChecked,
  sendPatiently,
  type KnownOperation,
} from '../support/operations.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const [tenant, other, revoked] = [newTenant(), newTenant(), newTenant()];

interface Who {
  /** Null: unknown here. */
  scopes: string[] | null;
  tenant?: string;
}

/** What they may do, as the document says it: filled with the credentials themselves before the tests. */
const KINDS: Record<string, Who> = {
  nothing: { scopes: null },
  'another scheme': { scopes: null },
  'a key that never was': { scopes: null },
  'an expired key': { scopes: null },
  'a revoked key': { scopes: null },
  'an expired token': { scopes: null },
  'a revoked token': { scopes: null, tenant: revoked },
  'a token that another deployment has signed': { scopes: null },
  'a token that nobody has signed': { scopes: null },
  'the root key': { scopes: ['admin'] },
  'an admin’s key': { scopes: ['admin'] },
  'a key to publish': { scopes: ['publish'] },
  'a key to manage': { scopes: ['manage'] },
  'a key to read': { scopes: ['read'] },
  'a key of the tenant to publish': { scopes: ['publish'], tenant },
  'a key of the tenant to manage': { scopes: ['manage'], tenant },
  'a key of the tenant to read': { scopes: ['read'], tenant },
  'a token to manage': { scopes: ['manage'], tenant },
  'a token to read': { scopes: ['read'], tenant },
  'a key of another tenant': { scopes: ['publish', 'manage', 'read'], tenant: other },
  'a token of another tenant': { scopes: ['manage'], tenant: other },
};
const authorizations: Record<string, string | undefined> = {};

type Verdict = 401 | 403 | 404 | 'let through';

/** `admin` may everything, `manage` includes `read`, `any` is for whoever is known: the document's words. */
function verdictOn({ scope, path }: KnownOperation, { scopes, tenant: own }: Who): Verdict {
  if (scope === undefined) return 'let through';
  if (scopes === null) return 401;
  if (own !== undefined && own !== tenant && path.includes('{tenant}')) return 404;
  const granted = [...scopes, 'any', ...(scopes.includes('manage') ? ['read'] : [])];
  return scopes.includes('admin') || granted.includes(scope) ? 'let through' : 403;
}

interface Ids {
  endpoint: string;
  event: string;
  delivery: string;
  replay: string;
}
let ids: Ids;

async function post(path: string, body: object): Promise<Record<string, string>> {
  const { status, body: answer } = await rig.call('POST', path, body);
  expect(status, JSON.stringify(answer)).toBeLessThan(300);
  return answer as Record<string, string>;
}
const newKey = async (settings: object) => post('/v1/keys', { name: 'table', ...settings });
const newToken = async (of: string, capability: string) =>
  (await post(`/v1/tenants/${of}/tokens`, { capability })).token!;

/** As the deployment signs them itself, or as another would. */
async function signed(expiresAt: Date, secret?: Uint8Array): Promise<string> {
  const db = { query: async ({ text }: { text: string }) => ({ rows: await rig.sql(text) }) };
  const [key] = await listTokenKeys(db as never, createSeal([]));
  const [row] = await rig.sql<{ token_epoch: string }>('SELECT * FROM tenants WHERE id = $1', tenant);
  return new SignJWT({ tenant, capability: 'manage', epoch: row!.token_epoch })
    .setProtectedHeader({ alg: 'HS256', kid: key!.id })
    .setIssuer('posthorn')
    .setJti('tok_table')
    .setExpirationTime(expiresAt)
    .sign(secret ?? key!.secret);
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

beforeAll(async () => {
  const { id: endpoint } = await rig.endpoint(tenant, '/table');
  await rig.endpoint(other, '/table');
  const { id: event, delivery_ids: deliveries } = await rig.publish(tenant);
  await rig.settled(tenant, deliveries[0]!, 'succeeded');
  const since = new Date(Date.now() - 60_000);
  const { id: replay } = await post(`/v1/tenants/${tenant}/replays`, { endpoint_id: endpoint, since });
  ids = { endpoint, event, delivery: deliveries[0]!, replay: replay! };

  const [expired, dropped] = [await newKey({ scopes: ['admin'] }), await newKey({ scopes: ['admin'] })];
  await rig.sql('UPDATE api_keys SET expires_at = now() WHERE id = $1', expired.id);
  await rig.sql(`SELECT pg_notify('posthorn_keys', $1)`, expired.id);
  await rig.call('DELETE', `/v1/keys/${dropped.id}`);
  const ended = await newToken(revoked, 'manage');
  await rig.call('DELETE', `/v1/tenants/${revoked}/tokens`);
  const soon = new Date(Date.now() + 600_000);
  const token = await newToken(tenant, 'manage');
  // Signed as it is here, it is good: what is refused below is refused for what is said of it.
  expect((await answerTo(`Bearer ${await signed(soon)}`)).status).toBe(200);
  const bearers: Record<string, string | undefined> = {
    'a key that never was': `ph_${'x'.repeat(43)}`,
    'an expired key': expired.key,
    'a revoked key': dropped.key,
    'an expired token': await signed(new Date(Date.now() - 1_000)),
    'a revoked token': ended,
    'a token that another deployment has signed': await signed(soon, new Uint8Array(32)),
    'a token that nobody has signed': `${encoded({ alg: 'none' })}.${token.split('.')[1]}.x`,
    'the root key': API_KEY,
    'a token to manage': token,
    'a token to read': await newToken(tenant, 'read'),
    'a token of another tenant': await newToken(other, 'manage'),
  };
  for (const [name, { scopes, tenant: of }] of Object.entries(KINDS)) {
    const isKey = scopes !== null && !name.includes('token') && bearers[name] === undefined;
    if (isKey) bearers[name] = (await newKey({ scopes, ...(of ? { tenant_id: of } : {}) })).key;
    if (bearers[name] !== undefined) authorizations[name] = `Bearer ${bearers[name]}`;
  }
  authorizations['another scheme'] = `Basic ${Buffer.from(`x:${API_KEY}`).toString('base64')}`;
  for (const gone of ['an expired key', 'a revoked token'])
    await until(
      () => answerTo(authorizations[gone]!, gone === 'a revoked token' ? revoked : tenant),
      ({ status }) => status === 401 || status === 429,
    );
});

const answerTo = (authorization: string, of = tenant) =>
  sendChecked(rig.url, { method: 'GET', path: `/v1/tenants/${of}`, headers: { authorization } });

const filled = (path: string, about: Record<string, string>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => about[name] ?? 'none');

/** Those that the document demands are about endpoints. */
function queryOf({ operation }: KnownOperation): string {
  const demanded = (operation.parameters ?? []).filter((one) => one.in === 'query' && one.required === true);
  expect(demanded.every(({ name }) => name === 'endpoint_id')).toBe(true);
  return demanded.length === 0 ? '' : `?endpoint_id=${ids.endpoint}`;
}

/** Nobody who is wrong more than a few times: whoever presents much that is wrong from an address is told to wait. */
const addressOf = (kind: number, index: number) => `127.1.${kind + 1}.${Math.floor(index / 15) + 1}`;

async function everything(): Promise<unknown> {
  const tables = [
    'tenants',
    'endpoints',
    'events',
    'deliveries',
    'api_keys',
    'event_types',
    'audit_log',
    'replays',
  ];
  const counts = tables.map((table) => rig.sql(`SELECT '${table}' AS table, count(*) FROM ${table}`));
  return Promise.all([...counts, rig.sql('SELECT id, updated_at, enabled FROM endpoints ORDER BY id')]);
}

describe('what the document does not allow', () => {
  const names = Object.keys(KINDS);
  it.each(names)('is refused, and does nothing: %s', async (name) => {
    const before = await everything();
    const refused = operations.filter((operation) => verdictOn(operation, KINDS[name]!) !== 'let through');
    const wrong: string[] = [];
    await inParallel(refused, 16, async (operation, index) => {
      const { method, path, example } = operation;
      const of = KINDS[name]!.scopes === null ? (KINDS[name]!.tenant ?? tenant) : tenant;
      const answer = await sendChecked(rig.url, {
        method,
        path: filled(path, { tenant: of, id: idFor(path), name: 'order.paid' }),
        headers: authorizations[name] === undefined ? {} : { authorization: authorizations[name] },
        ...(example ? { body: JSON.stringify(example) } : {}),
        ...(process.platform === 'linux' ? { localAddress: addressOf(names.indexOf(name), index) } : {}),
      });
      const verdict = verdictOn(operation, KINDS[name]!);
      const isSlowed = process.platform !== 'linux' && verdict === 401 && answer.status === 429;
      if (answer.status !== verdict && !isSlowed)
        wrong.push(`${method} ${path}: ${answer.status} instead of ${verdict}: ${answer.text}`);
      if (verdict === 404 && !answer.body.detail.includes('tenant')) wrong.push(`${path}: ${answer.text}`);
    });
    expect(wrong).toEqual([]);
    expect(await everything()).toEqual(before);
  });
});

const idFor = (path: string): string => {
  if (path.includes('/endpoints/')) return ids.endpoint;
  if (path.includes('/events/')) return ids.event;
  if (path.includes('/deliveries/')) return ids.delivery;
  return path.includes('/replays/') ? ids.replay : 'key_none';
};

/** What it is about, made for it, so that none stands in another's way. */
async function subject(operation: KnownOperation, n: number): Promise<Record<string, string>> {
  const { id, path } = operation;
  if (id === 'deleteTenant' || id === 'revokeTokens') {
    const own = newTenant();
    await rig.call('PUT', `/v1/tenants/${own}`, {});
    return { tenant: own };
  }
  if (path.includes('{name}')) {
    const name = `table.n${n}`;
    if (id !== 'putEventType') await rig.call('PUT', `/v1/event-types/${name}`, {});
    return { name };
  }
  if (path.startsWith('/v1/keys/')) return { id: (await newKey({ scopes: ['read'] })).id! };
  const needsEndpoint = /\/endpoints\/\{id\}/.test(path) || id === 'createReplay';
  return { tenant, id: needsEndpoint ? (await rig.endpoint(tenant, '/table')).id : idFor(path) };
}

/** These are over, and that is said to whoever may ask. */
const ENDED = ['cancelDelivery', 'pauseReplay', 'resumeReplay', 'cancelReplay'];

describe('what the document allows', () => {
  it.each(Object.keys(KINDS).filter((name) => KINDS[name]!.scopes !== null))('is done: %s', async (name) => {
    const allowed = operations.filter((operation) => verdictOn(operation, KINDS[name]!) === 'let through');
    const wrong: string[] = [];
    await inParallel(allowed, 8, async (operation, index) => {
      const { id, method, path, example } = operation;
      const about = await subject(operation, Object.keys(KINDS).indexOf(name) * 100 + index);
      const body: Record<string, unknown> | undefined = example && {
        ...example,
        ...('url' in example ? { url: `${rig.receiver.url}/table` } : {}),
        ...('endpoint_id' in example ? { endpoint_id: about.id } : {}),
      };
      // An event's own id is one event's.
      if (id === 'publishEvent') delete body!.id;
      const answer = await sendPatiently(rig.url, {
        method,
        path: filled(path, about) + queryOf(operation),
        headers: authorizations[name] === undefined ? {} : { authorization: authorizations[name] },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const isDone = answer.status < 300 || (ENDED.includes(id) && answer.status === 409);
      if (!isDone) wrong.push(`${method} ${path}: ${answer.status}: ${answer.text}`);
    });
    expect(wrong).toEqual([]);
  });
});

it('no method that the document has not does anything', async () => {
  const paths = [...new Set(operations.map(({ path }) => path))];
  const asked = paths.flatMap((path) =>
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']
      .filter((method) => !operations.some((each) => each.path === path && each.method === method))
      .map((method) => ({ method, path })),
  );
  const wrong: string[] = [];
  const before = await everything();
  await inParallel(asked, 16, async ({ method, path }) => {
    const send = (headers: Record<string, string>) =>
      sendChecked(rig.url, { method, path: filled(path, { tenant, id: idFor(path), name: 'a.b' }), headers });
    const [known, unknown] = [await send({ authorization: `Bearer ${API_KEY}` }), await send({})];
    // 422: `PUT /v1/event-types/import` is one that is there, for a name that is taken.
    if (![404, 405, 422].includes(known.status))
      wrong.push(`${method} ${path}: ${known.status}: ${known.text}`);
    if (![401, 404, 405].includes(unknown.status))
      wrong.push(`${method} ${path}: ${unknown.status} for nobody`);
  });
  expect(wrong).toEqual([]);
  expect(await everything()).toEqual(before);
});
