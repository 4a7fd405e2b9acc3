/** Endpoints tried before they are made, and tests that wait for what they come to. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import { expectProblem, newTenant, rowCounts, useRig, type Json } from '../support/rig.ts';
import { startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import { unusedPort } from '../support/sender-fixtures.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const tryOut = (tenant: string, settings: object, app: Pick<TestPosthorn, 'call'> = rig) =>
  app.call('POST', `/v1/tenants/${tenant}/endpoints/try`, settings);

describe('an endpoint that is not made yet', () => {
  it('is sent one signed request, and nothing is stored', async () => {
    const before = await rowCounts(rig);
    const tenant = newTenant();
    const url = `${rig.receiver.url}/tried?x=1`;
    const settings = {
      url,
      secret: SECRET,
      type: 'order.paid',
      data: { order: 1 },
      headers: { 'X-Own': 'own-value-1' },
    };
    const { status, body } = await tryOut(tenant, { ...settings, method: 'POST' });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toEqual({
      verdict: expect.stringMatching(
        /^Answered 200 (after \d+ ms|within a millisecond): the endpoint accepts deliveries\.$/,
      ),
      attempt: {
        ...{
          number: 1,
          trigger: 'test',
          status_code: 200,
          error: null,
          remark: null,
          retry_after_seconds: null,
        },
        ...{ started_at: expect.any(String), duration_ms: expect.any(Number) },
        timing: {
          ...{
            dns_ms: null,
            connect_ms: expect.any(Number),
            tls_ms: null,
            first_byte_ms: expect.any(Number),
          },
          total_ms: body.attempt.duration_ms,
        },
        request: { method: 'POST', url, headers: expect.objectContaining({ 'X-Own': '[redacted]' }) },
        response: { headers: expect.any(Object), body: 'status 200', body_bytes: 10, truncated: false },
      },
    });
    const [received] = rig.receiver.at('/tried');
    expect(await verifyWebhook({ profile: 'standard', secret: SECRET, ...received! })).toMatchObject({
      type: 'order.paid',
      data: { order: 1 },
    });
    expect(received!.headers['x-own']).toBe('own-value-1');
    expect(await rowCounts(rig)).toEqual(before);
  });

  it('is connected to anew each time', async () => {
    const tenant = newTenant();
    const settings = { url: `${rig.receiver.url}/fresh` };
    for (let n = 0; n < 2; n += 1)
      expect((await tryOut(tenant, settings)).body.attempt.timing.connect_ms).toEqual(expect.any(Number));
  });

  it('is told in words when it fails', async () => {
    rig.receiver.answerAt('/refuses', (_request, response) =>
      response.writeHead(401, { location: 'x' }).end(`no ${'y'.repeat(5_000)}`),
    );
    rig.receiver.answerAt('/slow', () => {});
    const cases: [url: string, errorClass: string, words: string][] = [
      [`${rig.receiver.url}/refuses`, 'http', 'did not accept the request'],
      [`${rig.receiver.url}/slow`, 'timeout', 'timed out after 1 s while waiting for the response'],
      [`http://127.0.0.1:${await unusedPort()}/`, 'connection', 'connection refused'],
      ['http://nowhere.invalid/', 'dns', 'host name'],
      [rig.receiver.url.replace('http:', 'https:'), 'tls', 'does not speak TLS'],
    ];
    for (const [url, errorClass, words] of cases) {
      const { status, body } = await tryOut(newTenant(), { url, timeout_seconds: 1 });
      expect({ url, status }).toEqual({ url, status: 200 });
      expect(body).toMatchObject({ attempt: { error: { class: errorClass } } });
      expect(body.verdict).toContain(words);
    }
    const { attempt } = (await tryOut(newTenant(), { url: `${rig.receiver.url}/refuses` })).body;
    expect(attempt.response).toMatchObject({ body_bytes: 5_003, truncated: true });
    expect(attempt.response.body).toHaveLength(2_000);
  });

  it('gets no secret of its own back', async () => {
    rig.receiver.answerAt('/echo', ({ headers }, response) =>
      response.writeHead(200).end(JSON.stringify(headers)),
    );
    const settings = {
      auth: { type: 'bearer', token: 'tok-secret-123456' },
      headers: { 'X-Key': 'own-secret-987654' },
    };
    const { body } = await tryOut(newTenant(), { url: `${rig.receiver.url}/echo`, ...settings });
    expect(body.attempt.status_code).toBe(200);
    expect(JSON.stringify(body)).not.toMatch(/tok-secret|own-secret/);
  });

  it('is sent what its template makes of the event, or told why that is nothing', async () => {
    const url = `${rig.receiver.url}/templated`;
    const event = { type: 'a.b', data: { text: 'hello' } };
    const made = await tryOut(newTenant(), { url, ...event, template: { jsonata: '{"said": data.text}' } });
    expect(made.body).toMatchObject({ attempt: { status_code: 200 } });
    expect(JSON.parse(rig.receiver.at('/templated')[0]!.body)).toEqual({ said: 'hello' });
    const failing = { url, ...event, template: { jsonata: '$error("odd")' } };
    const { body } = await tryOut(newTenant(), failing);
    expect(body).toMatchObject({ attempt: { error: { class: 'template' } } });
    expect(body.verdict).toContain("the endpoint's template failed");
  });

  it('breaks no rule that making it would break', async () => {
    const url = `${rig.receiver.url}/x`;
    const wrong: [settings: object, ...fields: string[]][] = [
      [{}, 'url'],
      [{ url: 'ftp://x.test' }, 'url'],
      [{ url: 'http://10.0.0.1/' }, 'url'],
      [{ url, profile: 'odd' }, 'profile'],
      [{ url, method: 'GET' }, 'method'],
      [{ url, secret: null }, 'secret'],
      [{ url, retry_delay_seconds: 5 }, 'retry_delay_seconds'],
      [{ url, headers: { 'webhook-id': 'x' } }, 'headers.webhook-id'],
      [{ url, timeout_seconds: 31 }, 'timeout_seconds'],
      [{ url, type: 'No Type' }, 'type'],
      [{ url, type: 'a.b', data: 'text' }, 'data'],
      [{ url, wait: true }, 'wait'],
    ];
    const tenant = newTenant();
    for (const [settings, ...fields] of wrong) expectProblem(await tryOut(tenant, settings), 422, ...fields);
    const blocked = await tryOut(tenant, { url, allowed_ips: ['192.0.2.1'] });
    expect(blocked.body).toMatchObject({ attempt: { error: { class: 'blocked_address' } } });
    expect(blocked.body.verdict).toContain('Nothing was sent');
    expect(rig.receiver.at('/x')).toEqual([]);
  });

  it('is tried twice at a time, and not for ever', async () => {
    const tenant = newTenant();
    rig.receiver.answerAt('/hangs', () => {});
    const settings = { url: `${rig.receiver.url}/hangs`, timeout_seconds: 2 };
    const [first, second] = [tryOut(tenant, settings), tryOut(tenant, settings)];
    await rig.calls('/hangs', 2);
    const third = await tryOut(tenant, settings);
    expectProblem(third, 429);
    expect(third.headers.get('retry-after')).toBe('1');
    expect((await tryOut(newTenant(), { url: `${rig.receiver.url}/ok` })).status).toBe(200);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    const codes: number[] = [];
    while (!codes.includes(429) && codes.length < 200)
      codes.push((await tryOut(tenant, { url: `${rig.receiver.url}/ok` })).status);
    expect(codes).toContain(429);
    expect(codes.length).toBeGreaterThan(5);
  }, 60_000);
});

it('in production, no network of its own is to be found out about by trying', async () => {
  let connections = 0;
  const inside = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  const production = await startTestPosthorn({
    ...{ POSTHORN_ENV: 'production', POSTHORN_ENCRYPTION_KEY: 'k'.repeat(32), POSTHORN_ROLE: 'api' },
    POSTHORN_TASK_QUEUE: rig.config.taskQueue,
  });
  const { port } = inside.address() as AddressInfo;
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254'])
    expectProblem(await tryOut('t', { url: `https://${host}:${port}/` }, production), 422, 'url');
  expect(connections).toBe(0);
  inside.close();
  await production.stop();
});

describe.concurrent('a test that is waited for', () => {
  const tenant = newTenant();
  let endpoint: Json;
  beforeAll(async () => {
    endpoint = await rig.endpoint(tenant, '/tested', { max_retries: 0, timeout_seconds: 1 });
  });
  const test = (body: object) =>
    rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/test`, body);

  it('is answered with its attempt, which is the one in the log', async () => {
    rig.receiver.answerAt('/tested', 403);
    const { status, body } = await test({ wait: true, type: 'a.b', data: {} });
    expect(status).toBe(200);
    expect(body.verdict).toMatch(/^Answered 403 .* did not accept the request/);
    const { attempts, test: isTest } = await rig.delivery(tenant, body.delivery_id);
    expect(isTest).toBe(true);
    expect(attempts).toEqual([body.attempt]);
  });

  it('is answered at once without it', async () => {
    const { status, body } = await test({ wait: false });
    expect(status).toBe(202);
    expect(Object.keys(body)).toEqual(['event_id', 'delivery_id']);
    expectProblem(await test({ wait: 'yes' }), 422, 'wait');
  });

  it('says so when nobody makes the attempt, and nobody waits longer than that', async () => {
    const idle = await startTestPosthorn({ POSTHORN_ROLE: 'api' });
    const made = await idle.call('POST', '/v1/tenants/t/endpoints', {
      url: `${rig.receiver.url}/never`,
      timeout_seconds: 1,
    });
    const path = `/v1/tenants/t/endpoints/${made.body.id}/test`;
    const waiting = Array.from({ length: 6 }, () => idle.call('POST', path, { wait: true }));
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 202, 202, 202, 202, 429]);
    const late = answers.find(({ status }) => status === 202)!;
    expect(late.body).toMatchObject({ attempt: null, verdict: expect.stringContaining('no worker runs') });
    await until(
      () => idle.call('GET', '/v1/tenants/t/deliveries'),
      ({ body }) => body.data.length === 5,
    );
    await idle.stop();
  }, 60_000);
});

describe.concurrent('what a receiver must refuse', () => {
  const testSecret = async (profile: string, body: object, settings: object = {}) => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const endpoint = await rig.endpoint(tenant, path, { profile, ...settings });
    const refuseAt = (status: number) => rig.receiver.answerAt(path, status);
    const ask = () => rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/secret/test`, body);
    const verify = async (n: number) => {
      const received = (await rig.calls(path, n + 1))[n]!;
      const { headers, body: text } = received;
      return verifyWebhook({ profile, secret: endpoint.secret, headers, body: text }).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    };
    return { ask, refuseAt, verify };
  };

  it.each(['standard', 'eev', '8bit', 'agentbot'])(
    'a signature of nobody it knows, for %s: whether it was refused is said',
    async (profile) => {
      const { ask, refuseAt, verify } = await testSecret(profile, { flaw: 'signature' });
      const accepted = await ask();
      expect(accepted.status, JSON.stringify(accepted.body)).toBe(200);
      expect(accepted.body.refused).toBe(false);
      expect(accepted.body.verdict).toMatch(/accepts a wrong signature/);
      expect(await verify(0)).toMatch(/signature|secret/i);
      refuseAt(401);
      expect((await ask()).body).toMatchObject({
        refused: true,
        verdict: expect.stringMatching(/^Refused with 401/),
      });
      refuseAt(500);
      expect((await ask()).body).toMatchObject({ refused: null });
    },
  );

  it.each(['standard', 'agentbot'])('what was signed an hour ago, for %s', async (profile) => {
    const { ask, verify } = await testSecret(profile, { flaw: 'timestamp' });
    expect((await ask()).body).toMatchObject({
      refused: false,
      verdict: expect.stringMatching(/accepts what was signed an hour ago/),
    });
    expect(await verify(0)).toMatch(/sent 36\d\d s ago/);
  });

  it('is not asked for where there is nothing to refuse', async () => {
    const body = { flaw: 'timestamp' };
    expectProblem(await (await testSecret('8bit', body)).ask(), 422, 'flaw');
    expectProblem(await (await testSecret('eev', body, { secret: null })).ask(), 422, 'flaw');
    expectProblem(await (await testSecret('standard', { flaw: 'none' })).ask(), 422, 'flaw');
    const without = await (await testSecret('standard', {})).ask();
    expect(without.body).not.toHaveProperty('refused');
  });
});
