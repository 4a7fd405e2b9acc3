/** Who asks too much, and who asks in odd ways, on the path past Express as well as on the others. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { API_KEY } from '../support/posthorn.ts';
import { sendChecked, sendRaw } from '../support/operations.ts';
import { expectProblem, newTenant, useRig } from '../support/rig.ts';

const rig = useRig({ KEY_REQUESTS_PER_SECOND: '5', TOKEN_REQUESTS_PER_SECOND: '3', METRICS_PORT: '0' });
const EVENT = JSON.stringify({ type: 'a.b', data: { n: 1 } });

const as = (credential: string, method: string, path: string, headers: Record<string, string> = {}) =>
  sendChecked(rig.url, {
    ...{ method, path, headers: { authorization: `Bearer ${credential}`, ...headers } },
    ...(method === 'POST' ? { body: EVENT } : {}),
  });

describe('who asks for more than the rate allows is told to wait', () => {
  it('by key, also on the path past Express, whatever address it says it has', async () => {
    const tenant = newTenant();
    const [one, other] = await Promise.all(
      ['one', 'other'].map((name) => rig.call('POST', '/v1/keys', { name, scopes: ['publish'] })),
    );
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        as(one!.body.key, 'POST', `/v1/tenants/${tenant}/events`, { 'x-forwarded-for': `10.0.0.${n}` }),
      ),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(15);
    expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(10);
    for (const { headers, body } of refused) {
      expect(body.code).toBe('too_many_requests');
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await as(other!.body.key, 'POST', `/v1/tenants/${tenant}/events`)).status).toBe(202);
    expect((await as(API_KEY, 'POST', `/v1/tenants/${tenant}/events`)).status).toBe(202);
    const [{ n }] = (await rig.sql('SELECT count(*)::int AS n FROM events WHERE tenant_id = $1', tenant)) as [
      { n: number },
    ];
    expect(n).toBe(42 - refused.length);
  });

  it('by tenant, however many tokens it has', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const tokenOf = async (of: string) =>
      (await rig.call('POST', `/v1/tenants/${of}/tokens`, { capability: 'read' })).body.token as string;
    const tokens = await Promise.all(Array.from({ length: 4 }, () => tokenOf(tenant)));
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) => as(tokens[n % 4]!, 'GET', `/v1/tenants/${tenant}/events`)),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(8);
    expect((await as(await tokenOf(other), 'GET', `/v1/tenants/${other}/events`)).status).toBe(200);
  });
});

/** What comes back for these bytes: so many answers, or what was there when the other side closed. */
function bytesFor(text: string, answers = 1): Promise<string> {
  const { hostname, port } = new URL(rig.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk.toString();
      // A second one, where there should be none, would come at once.
      if (statusesIn(got).length >= answers) setTimeout(() => socket.destroy(), 50);
    });
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}
const statusesIn = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)).filter((one) => one !== 100);

const eventsOf = async (tenant: string): Promise<string[]> =>
  (await rig.sql<{ type: string }>('SELECT type FROM events WHERE tenant_id = $1 ORDER BY id', tenant)).map(
    ({ type }) => type,
  );

describe('bytes on the path past Express', () => {
  const head = (tenant: string, more = '', version = '1.1') =>
    `POST /v1/tenants/${tenant}/events HTTP/${version}\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\n${more}`;
  const length = `Content-Length: ${EVENT.length}\r\n`;
  const smuggled = (tenant: string) => {
    const inner = JSON.stringify({ type: 'smuggled', data: {} });
    return `${head(tenant, `Content-Length: ${inner.length}\r\n`)}\r\n${inner}`;
  };

  it.each([
    [
      'a length and chunks',
      (tenant: string) => `${head(tenant, `${length}Transfer-Encoding: chunked\r\n`)}\r\n0\r\n\r\n`,
    ],
    ['two lengths', (tenant: string) => `${head(tenant, `Content-Length: 0\r\n${length}`)}\r\n`],
    ['a length twice, in one', (tenant: string) => `${head(tenant, `Content-Length: 0, 0\r\n`)}\r\n`],
    [
      'a disguised encoding',
      (tenant: string) => `${head(tenant, `${length}Transfer-Encoding : chunked\r\n`)}\r\n`,
    ],
  ])('with two opinions about where a request ends carry no second one: %s', async (_, first) => {
    const tenant = newTenant();
    const answer = await bytesFor(first(tenant) + smuggled(tenant));
    expect(statusesIn(answer)).toEqual([400]);
    expect(await eventsOf(tenant)).toEqual([]);
  });

  it('in chunks, one behind the other, by HTTP/1.0, with an absolute URL and after 100 are one event each', async () => {
    const tenant = newTenant();
    const chunked = `${head(tenant, 'Transfer-Encoding: chunked\r\n')}\r\n${EVENT.length.toString(16)}\r\n${EVENT}\r\n0\r\n\r\n`;
    const plain = `${head(tenant, length)}\r\n${EVENT}`;
    const absolute = plain.replace('POST /v1', 'POST http://evil.example/v1');
    expect(statusesIn(await bytesFor(chunked + plain + absolute + plain, 4))).toEqual([202, 202, 202, 202]);
    expect(statusesIn(await bytesFor(`${head(tenant, length, '1.0')}\r\n${EVENT}`))).toEqual([202]);
    const expecting = await bytesFor(`${head(tenant, `${length}Expect: 100-continue\r\n`)}\r\n${EVENT}`);
    expect(statusesIn(expecting)).toEqual([202]);
    expect(await eventsOf(tenant)).toEqual(Array(6).fill('a.b'));
  });

  it('with two Authorization headers are judged by the first, and never by none', async () => {
    const tenant = newTenant();
    const none = `POST /v1/tenants/${tenant}/events HTTP/1.1\r\nHost: x\r\n${length}`;
    const both = (first: string, second: string) =>
      bytesFor(`${none}Authorization: Bearer ${first}\r\nAuthorization: Bearer ${second}\r\n\r\n${EVENT}`);
    expect(statusesIn(await both('wrong-one', API_KEY))).toEqual([401]);
    expect(statusesIn(await bytesFor(`${none}\r\n${EVENT}`))).toEqual([401]);
    expect(await eventsOf(tenant)).toEqual([]);
  });

  it('that end before the body does are no event', async () => {
    const tenant = newTenant();
    const { hostname, port } = new URL(rig.url);
    const socket = connect(Number(port), hostname);
    socket.end(`${head(tenant, 'Content-Length: 400\r\n')}\r\n${EVENT}`);
    await once(socket.resume(), 'close');
    expect(await eventsOf(tenant)).toEqual([]);
  });
});

it('what is asked without a key tells nothing of the deployment', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/x', { url: 'http://127.0.0.1:9/secret-place' });
  await rig.call('PUT', '/v1/event-types/secret-type.made', {});
  for (const path of [
    '/openapi.json',
    '/docs',
    '/healthz',
    '/readyz',
    '/',
    '/nothing',
    '/v1/tenants',
    '/metrics',
  ]) {
    const { text } = await sendRaw(rig.url, { method: 'GET', path });
    for (const one of [
      tenant,
      'secret-place',
      'secret-type',
      API_KEY,
      rig.databaseUrl,
      process.cwd(),
      'node_modules',
    ])
      expect(text, path).not.toContain(one);
  }
});

it('the port for metrics shows no stack either', async () => {
  const base = `http://127.0.0.1:${rig.posthorn.metricsPort}`;
  for (const path of ['/%E0%A4%A', '/metrics/%', '/nothing']) {
    const { status, text } = await sendRaw(base, { method: 'GET', path });
    expect([400, 404], path).toContain(status);
    expect(text).not.toMatch(/node_modules|\.ts:\d|at .*\(/);
  }
});

it('no error shows a stack, nor what it is made with', async () => {
  for (const path of [
    '/%',
    '/%E0%A4%A',
    '/v1/%',
    '/docs/%',
    '/healthz/%ff',
    '/metrics/%',
    '/v1/tenants/%/events',
  ]) {
    const answer = await sendRaw(rig.url, {
      method: 'GET',
      path,
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    expect([400, 404], path).toContain(answer.status);
    expectProblem(
      { ...answer, headers: new Headers(answer.headers as Record<string, string>) },
      answer.status,
    );
    expect(answer.text).not.toMatch(/node_modules|\.ts:\d|at .*\(/);
  }
});
