/** A publish is answered alike in whichever form its request comes: the plain one has a short way of its own (src/api/publish.ts). */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const EVENT = '{"type":"a.b","data":{"n":9007199254740993}}';

interface Form {
  path?: (tenant: string) => string;
  headers?: Record<string, string>;
  encode?: (body: string) => Buffer;
}

const plainPath = (tenant: string) => `/v1/tenants/${tenant}/events`;
const FORMS: Record<string, Form> = {
  plain: {},
  chunked: { headers: { 'transfer-encoding': 'chunked' } },
  compressed: { headers: { 'content-encoding': 'gzip' }, encode: (body) => gzipSync(body) },
  'with an escape in its tenant': {
    path: (tenant) => plainPath(`%${tenant.charCodeAt(0).toString(16)}${tenant.slice(1)}`),
  },
  'with a slash at its end': { path: (tenant) => `${plainPath(tenant)}/` },
  'with a query': { path: (tenant) => `${plainPath(tenant)}?x=1` },
  'after 100-continue': { headers: { expect: '100-continue' } },
};

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function send(form: Form, tenant: string, body: string, more: Record<string, string> = {}): Promise<Answer> {
  const { path = plainPath, headers, encode = Buffer.from } = form;
  const bytes = encode(body);
  const isChunked = headers?.['transfer-encoding'] !== undefined;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${rig.url}${path(tenant)}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        ...(isChunked ? {} : { 'content-length': String(bytes.length) }),
        ...headers,
        ...more,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      text(response).then((read) => resolve({ status, headers: answered, body: read }), reject);
    });
    sent.end(bytes);
  });
}

/** Said to browsers only, and left out where no browser can come by itself (src/api/security-headers.ts). */
const FOR_BROWSERS = [
  'content-security-policy',
  'x-frame-options',
  'referrer-policy',
  'cross-origin-resource-policy',
];

/** What does not differ from one request to the next. */
function lasting({ status, headers, body }: Answer, tenant: string) {
  const passing = new Set(['date', 'content-length', ...FOR_BROWSERS]);
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name)));
  const ids = /\b(evt|dlv)_[0-9a-z]+/g;
  return { status, headers: rest, body: body.replaceAll(ids, '$1').replaceAll(tenant, 'TENANT') };
}

const WRONG: Record<string, [body: string, headers?: Record<string, string>]> = {
  'no JSON': ['{"type":'],
  'no object': ['[]'],
  'an unknown field': ['{"type":"a.b","data":{},"x":1}'],
  'a control character': ['{"type":"a.b\u0000","data":{}}'],
  'a wrong key': [EVENT, { authorization: 'Bearer wrong' }],
  'a wrong idempotency key': [EVENT, { 'idempotency-key': 'a b' }],
  'too large': [`{"type":"a.b","data":{"x":"${'x'.repeat(1_200_000)}"}}`],
};

for (const [name, form] of Object.entries(FORMS)) {
  it(`${name}: accepted, delivered, and known again`, async () => {
    const tenant = newTenant();
    await rig.endpoint(tenant, `/${tenant}`);
    const key = { 'idempotency-key': tenant };
    const first = await send(form, tenant, EVENT, key);
    expect(first.status).toBe(202);
    expect((await rig.calls(`/${tenant}`, 1))[0]!.body).toContain('9007199254740993');
    const again = await send(form, tenant, EVENT, key);
    expect(again).toMatchObject({ status: 200, body: first.body });
  });

  if (name === 'plain') continue;
  it(`${name}: answered like a plain one`, async () => {
    const tenant = newTenant();
    for (const [what, [body, headers]] of [['right', [EVENT]] as const, ...Object.entries(WRONG)]) {
      const plain = lasting(await send(FORMS['plain']!, tenant, body, headers), tenant);
      expect(lasting(await send(form, tenant, body, headers), tenant), what).toEqual(plain);
    }
  });
}

it('a sender that goes away in the middle of its event leaves nothing behind', async () => {
  const tenant = newTenant();
  const sent = httpRequest(`${rig.url}${plainPath(tenant)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-length': String(EVENT.length) },
  });
  sent.on('error', () => {});
  await new Promise<void>((resolve) => sent.write(EVENT.slice(0, 20), () => resolve()));
  sent.destroy();
  expect((await send(FORMS['plain']!, tenant, EVENT)).status).toBe(202);
  const { body } = await rig.call('GET', `/v1/tenants/${tenant}/events`);
  expect(body.data).toHaveLength(1);
});
