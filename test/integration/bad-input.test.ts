import { beforeAll, describe, expect, it } from 'vitest';
import { API_KEY } from '../support/posthorn.ts';
import { expectNothingStored, expectProblem, newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const tenant = newTenant();
const endpoints = `/v1/tenants/${tenant}/endpoints`;
const events = `/v1/tenants/${tenant}/events`;
let endpointId: string;

beforeAll(async () => {
  endpointId = (await rig.endpoint(tenant, '/quiet')).id;
});
expectNothingStored(rig);

const url = 'http://127.0.0.1:9/';
const wrongEndpoints: [what: string, body: object, ...paths: string[]][] = [
  ['no url', {}, 'url'],
  ['an empty url', { url: '' }, 'url'],
  ['a url that is a number', { url: 7 }, 'url'],
  ['a relative url', { url: '/hooks' }, 'url'],
  ['another scheme', { url: 'ftp://example.com/' }, 'url'],
  ['credentials in the url', { url: 'http://user:pass@127.0.0.1/' }, 'url'],
  ['a private address', { url: 'http://10.1.2.3/' }, 'url'],
  ['the address of cloud metadata', { url: 'http://169.254.169.254/latest' }, 'url'],
  ['a pattern with a star inside a word', { url, events: ['conv*'] }, 'events[0]'],
  ['a pattern with a star in front', { url, events: ['a.b', '*.created'] }, 'events[1]'],
  ['an upper-case pattern', { url, events: ['A.b'] }, 'events[0]'],
  ['an empty pattern', { url, events: [''] }, 'events[0]'],
  ['no pattern at all', { url, events: [] }, 'events'],
  ['an unknown environment', { url, environments: ['production', 'test'] }, 'environments[1]'],
  ['no environment', { url, environments: [] }, 'environments'],
  ['a secret of 15 characters', { url, secret: 'x'.repeat(15) }, 'secret'],
  ['a whsec_ secret that is not base64', { url, secret: 'whsec_****************' }, 'secret'],
  ['no secret where the profile signs', { url, secret: null }, 'secret'],
  ['time-out 0', { url, timeout_seconds: 0 }, 'timeout_seconds'],
  ['time-out 31', { url, timeout_seconds: 31 }, 'timeout_seconds'],
  ['time-out 1.5', { url, timeout_seconds: 1.5 }, 'timeout_seconds'],
  ['a time-out in words', { url, timeout_seconds: '5' }, 'timeout_seconds'],
  ['rate 0', { url, rate_limit: { per_second: 0 } }, 'rate_limit.per_second'],
  ['a negative rate', { url, rate_limit: { per_second: -1 } }, 'rate_limit.per_second'],
  ['an absurd rate', { url, rate_limit: { per_second: 1e300 } }, 'rate_limit.per_second'],
  ['a rate in words', { url, rate_limit: { per_second: '5' } }, 'rate_limit.per_second'],
  ['a limit without a rate', { url, rate_limit: { burst: 5 } }, 'rate_limit.per_second'],
  ['a limit that is a number', { url, rate_limit: 5 }, 'rate_limit'],
  ['burst 0', { url, rate_limit: { per_second: 5, burst: 0 } }, 'rate_limit.burst'],
  ['burst 1.5', { url, rate_limit: { per_second: 5, burst: 1.5 } }, 'rate_limit.burst'],
  ['an absurd burst', { url, rate_limit: { per_second: 5, burst: 1e9 } }, 'rate_limit.burst'],
  [
    'something else in a limit',
    { url, rate_limit: { per_second: 5, per_minute: 3 } },
    'rate_limit.per_minute',
  ],
  ['max_retries -1', { url, max_retries: -1 }, 'max_retries'],
  ['max_retries 10^6', { url, max_retries: 1e6 }, 'max_retries'],
  ['an unknown interval', { url, retry_interval: 'linear' }, 'retry_interval'],
  ['a delay without "fixed"', { url, retry_delay_seconds: 5 }, 'retry_delay_seconds'],
  ['an empty schedule', { url, retry_schedule_seconds: [] }, 'retry_schedule_seconds'],
  ['a negative delay', { url, retry_schedule_seconds: [1, -1] }, 'retry_schedule_seconds[1]'],
  ['an unknown profile', { url, profile: 'stripe' }, 'profile'],
  ['a method the profile lacks', { url, method: 'PUT' }, 'method'],
  ['a method nobody has', { url, profile: 'eev', method: 'GET' }, 'method'],
  ['an unknown field', { url, colour: 'red' }, 'colour'],
  ['two unknown fields', { url, a: 1, b: 2 }, 'a', 'b'],
  ['an unknown field of auth', { url, auth: { type: 'bearer', token: 't', x: 1 } }, 'auth.x'],
  ['an unknown kind of auth', { url, auth: { type: 'digest' } }, 'auth.type'],
  [
    'a colon in the user name',
    { url, auth: { type: 'basic', username: 'a:b', password: '' } },
    'auth.username',
  ],
  ['a reserved header', { url, headers: { Host: 'x' } }, 'headers.Host'],
  ['a header of the signature', { url, headers: { 'webhook-id': 'x' } }, 'headers.webhook-id'],
  ['another profile’s header', { url, headers: { 'X-8bit-Event-Id': 'x' } }, 'headers.X-8bit-Event-Id'],
  ['a header of ours', { url, headers: { 'user-agent': 'x' } }, 'headers.user-agent'],
  ['a header that HTTP sets', { url, headers: { 'Content-Encoding': 'gzip' } }, 'headers.Content-Encoding'],
  ['a header twice', { url, headers: { 'X-A': 'x', 'x-a': 'y' } }, 'headers.x-a'],
  ['a header named constructor', { url, headers: { constructor: 'x' } }, 'headers.constructor'],
  [
    'a header named __proto__',
    { url, headers: JSON.parse('{"X-A": "x", "__proto__": "y"}') },
    'headers.__proto__',
  ],
  ['metadata with U+0000', { url, metadata: { k: 'a\0' } }, 'metadata.k'],
  ['metadata with half of a surrogate pair', { url, metadata: { k: 'a\ud800' } }, 'metadata.k'],
  ['metadata whose name has U+0000', { url, metadata: { 'a\0': 'v' } }, 'metadata.a\0'],
  ['a name with half of a surrogate pair', { url, name: '\udfff' }, 'name'],
  ['metadata named __proto__', { url, metadata: JSON.parse('{"__proto__": "y"}') }, 'metadata.__proto__'],
  [
    'metadata of 51 names',
    { url, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ''])) },
    'metadata',
  ],
  [
    'metadata of more than 16 KiB',
    { url, metadata: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, 'x'.repeat(1000)])) },
    'metadata',
  ],
  [
    'an e-mail address of 255 characters',
    { url, notify_emails: [`a@${'x.'.repeat(125)}com`] },
    'notify_emails[0]',
  ],
  ['a backslash in the url', { url: 'http://93.184.216.34\\@127.0.0.1/' }, 'url'],
  ['a control character in the url', { url: 'http://127.0.0.1/\u0001' }, 'url'],
  ['credentials as a header', { url, headers: { Authorization: 'x' } }, 'headers.Authorization'],
  ['a line break in a header', { url, headers: { 'X-A': 'a\r\nb' } }, 'headers.X-A'],
  ['an e-mail address without @', { url, notify_emails: ['nobody'] }, 'notify_emails[0]'],
  ['an IP that is none', { url, allowed_ips: ['10.0.0.0/99'] }, 'allowed_ips[0]'],
  [
    'several wrong fields',
    { url: '', timeout_seconds: 99, max_retries: -1 },
    'timeout_seconds',
    'max_retries',
  ],
  ['a NUL in the name', { url, name: 'a\u0000b' }, 'name'],
];

describe('an endpoint is refused with', () => {
  it.each(wrongEndpoints)('%s', async (_what, body, ...paths) => {
    expectProblem(await rig.call('POST', endpoints, body), 422, ...paths);
  });

  it('a change that would not be accepted at creation', async () => {
    const path = `${endpoints}/${endpointId}`;
    const shown = await rig.call('GET', path);
    for (const [what, body, ...paths] of wrongEndpoints) {
      if (what === 'no url' || 'profile' in body || 'secret' in body) continue;
      expectProblem(await rig.call('PATCH', path, body), 422, ...paths);
    }
    expectProblem(await rig.call('PATCH', path, { secret: 'x'.repeat(32) }), 422, 'secret');
    expectProblem(await rig.call('PATCH', path, { profile: 'eev' }), 422, 'profile');
    expect((await rig.call('GET', path)).body).toEqual(shown.body);
  });

  it('a rotation to a secret that is too short', async () => {
    const path = `${endpoints}/${endpointId}/secret/rotate`;
    expectProblem(await rig.call('POST', path, { secret: 'short' }), 422, 'secret');
    expectProblem(await rig.call('POST', path, { grace_seconds: -1 }), 422, 'grace_seconds');
    expectProblem(await rig.call('POST', path, { grace: 1 }), 422, 'grace');
  });
});

const type = 'a.b';
const data = { n: 1 };
const wrongEvents: [what: string, body: object, ...paths: string[]][] = [
  ['no type', { data }, 'type'],
  ['an empty type', { type: '', data }, 'type'],
  ['a pattern as type', { type: 'a.*', data }, 'type'],
  ['an upper-case type', { type: 'A.b', data }, 'type'],
  ['no data', { type }, 'data'],
  ['data that is a list', { type, data: [1] }, 'data'],
  ['data that is null', { type, data: null }, 'data'],
  ['an empty id', { type, data, id: '' }, 'id'],
  ['an id with a space', { type, data, id: 'a b' }, 'id'],
  ['an id of 129 characters', { type, data, id: 'x'.repeat(129) }, 'id'],
  ['a time that is none', { type, data, timestamp: 'yesterday' }, 'timestamp'],
  ['the 30th of February', { type, data, timestamp: '2026-02-30T00:00:00Z' }, 'timestamp'],
  ['the year 0', { type, data, timestamp: '0000-01-01T00:00:00Z' }, 'timestamp'],
  ['the year 10000', { type, data, timestamp: '9999-12-31T23:59:59-23:59' }, 'timestamp'],
  ['an unknown environment', { type, data, environment: 'test' }, 'environment'],
  ['an unknown field', { type, data, tenant: 'x' }, 'tenant'],
];

it('a tenant is refused with metadata of 51 names, or of more than 16 KiB', async () => {
  for (const [names, length] of [
    [51, 1],
    [20, 1000],
  ] as const) {
    const metadata = Object.fromEntries(
      Array.from({ length: names }, (_, n) => [`k${n}`, 'x'.repeat(length)]),
    );
    expectProblem(await rig.call('PUT', `/v1/tenants/${tenant}`, { metadata }), 422, 'metadata');
  }
});

describe('an event is refused with', () => {
  it.each(wrongEvents)('%s', async (_what, body, ...paths) => {
    expectProblem(await rig.call('POST', events, body), 422, ...paths);
  });

  it('a body nested so deeply that reading it takes time, wherever the nesting is', async () => {
    const deep = `${'['.repeat(4_000_000)}${']'.repeat(4_000_000)}`;
    const answer = await rig.call('POST', `${events}/batch`, `{"events":[${deep}]}`);
    expectProblem(answer, 400);
    expect(answer.body.detail).toBe('The body is nested more than 256 levels deep (at byte 265)');
  });

  it('millions of lists', async () => {
    const answer = await rig.call('POST', `${events}/batch`, `{"events":[${'[],'.repeat(1_000_000)}[]]}`);
    expectProblem(answer, 400);
  });

  it('numbers that no reader of JSON takes, and says which', async () => {
    const body = '{"type":"a.b","data":{"list":[1,{"far":1e400}]}}';
    expectProblem(await rig.call('POST', events, body), 422, 'data.list[1].far');
    const batch = `{"events":[{"type":"a.b","data":{"n":${'9'.repeat(400)}}}]}`;
    expectProblem(await rig.call('POST', `${events}/batch`, batch), 422, 'events[0].data.n');
  });

  it('a number as data, however long', async () => {
    expectProblem(await rig.call('POST', events, '{"type":"a.b","data":12345678901234567890}'), 422, 'data');
  });

  it('bytes that are no text', async () => {
    const body = Buffer.concat([
      Buffer.from('{"type":"a.b","data":{"t":"ä'),
      Buffer.from([0xff]),
      Buffer.from('"}}'),
    ]);
    const answer = await fetch(rig.url + events, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}` },
      body,
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('is not valid UTF-8 (at byte 29)');
  });

  it('fifty thousand unknown fields, and the answer stays short', async () => {
    const unknown = Array.from({ length: 50_000 }, (_, n) => `"${'x'.repeat(n === 0 ? 200_000 : 3)}${n}":1`);
    const answer = await rig.call('POST', events, `{${unknown.join()}}`);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toHaveLength(21);
    expect(answer.body.errors.at(-1).message).toBe('and 49982 more');
    expect(JSON.stringify(answer.body).length).toBeLessThan(5_000);
  });

  it('an idempotency key that is none', async () => {
    for (const key of ['a b', 'x'.repeat(256), '']) {
      const answer = await rig.call('POST', events, { type, data }, { 'idempotency-key': key });
      expectProblem(answer, 422, 'Idempotency-Key');
    }
  });

  it('a batch that is no list of 1 to 1000 events', async () => {
    const batch = `${events}/batch`;
    expectProblem(await rig.call('POST', batch, {}), 422, 'events');
    expectProblem(await rig.call('POST', batch, { events: [] }), 422, 'events');
    expectProblem(await rig.call('POST', batch, { events: { type, data } }), 422, 'events');
    expectProblem(await rig.call('POST', batch, { events: Array(1001).fill({ type, data }) }), 422, 'events');
    expectProblem(await rig.call('POST', batch, { events: [{ type, data }], more: 1 }), 422, 'more');
  });
});
