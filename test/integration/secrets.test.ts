import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import type { Received } from '../support/receiver.ts';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { expectProblem, newTenant, rawHistory, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const endpointPath = (tenant: string, id: string) => `/v1/tenants/${tenant}/endpoints/${id}`;
const verifies = (profile: string, secret: string, { headers, body }: Received): Promise<boolean> =>
  verifyWebhook({ profile, secret, headers, body }).then(
    () => true,
    () => false,
  );

describe('a generated secret', () => {
  it.each([
    ['standard', /^whsec_[A-Za-z0-9+/]{43}=$/],
    ['eev', /^whsec_[A-Za-z0-9+/]{43}=$/],
    ['8bit', /^[0-9a-f]{64}$/],
    ['agentbot', /^[0-9a-f]{64}$/],
  ])('has 32 random bytes in the form of %s', async (profile, form) => {
    const tenant = newTenant();
    const [one, two] = [
      await rig.endpoint(tenant, '/x', { profile }),
      await rig.endpoint(tenant, '/x', { profile }),
    ];
    expect(one.secret).toMatch(form);
    expect(two.secret).toMatch(form);
    expect(one.secret).not.toBe(two.secret);
  });
});

describe('a secret of one’s own', () => {
  it('is the key as its UTF-8 bytes, and base64 after whsec_', async () => {
    const text = 'sechzehn Zeichen: ä€';
    const bytes = Buffer.from('0123456789abcdef01234567');
    for (const [secret, key] of [
      [text, Buffer.from(text, 'utf8')],
      [`whsec_${bytes.toString('base64')}`, bytes],
    ] as const) {
      const tenant = newTenant();
      const path = `/${tenant}`;
      expect((await rig.endpoint(tenant, path, { profile: '8bit', secret })).secret).toBe(secret);
      await rig.publish(tenant);
      const [received] = await rig.calls(path, 1);
      expect(received!.headers['x-8bit-signature-256']).toBe(
        createHmac('sha256', key).update(received!.body).digest('hex'),
      );
    }
  });

  it('may have 16 characters', async () => {
    const settings = { profile: '8bit', secret: 'x'.repeat(16) };
    expect((await rig.endpoint(newTenant(), '/x', settings)).secret).toBe('x'.repeat(16));
  });

  it.each(['standard', 'eev'])(
    'is given in the form that the libraries for %s take, also after a rotation',
    async (profile) => {
      const tenant = newTenant();
      const path = `/${tenant}`;
      const [first, second] = ['a plain text of one’s own', 'another plain text, for later'];
      const { id, secret } = await rig.endpoint(tenant, path, { profile, secret: first });
      expect(secret).toBe(`whsec_${Buffer.from(first).toString('base64')}`);
      await rig.publish(tenant);
      // Signed before the rotation.
      await rig.calls(path, 1);
      const rotate = (given: string) =>
        rig.call('POST', `${endpointPath(tenant, id)}/secret/rotate`, { secret: given, grace_seconds: 0 });
      const rotated = (await rotate(second)).body.secret;
      await rig.publish(tenant);
      const received = await rig.calls(path, 2);
      const sent = [
        { own: first, given: secret },
        { own: second, given: rotated },
      ];
      for (const [n, { own, given }] of sent.entries()) {
        const { headers, body } = received[n]!;
        const text = body.toString();
        expect(new StandardWebhook(given).verify(text, headers as Record<string, string>)).toMatchObject({
          data: { n: 1 },
        });
        expect(() => new SvixWebhook(given).verify(text, headers as Record<string, string>)).not.toThrow();
        // Code that took the text as its key goes on.
        expect(await verifies(profile, own, received[n]!)).toBe(true);
      }
      expectProblem(await rotate(second), 422, 'secret');
    },
  );
});

describe('secrets, credentials and payloads', () => {
  it('are in no answer, no log, no history and no error after creation', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, 500);
    const token = 'tok-5f2e81c07a';
    const headers = { 'X-Api-Key': 'key-77aa310b', 'X-Functions-Key': 'fun-77aa310b', 'X-Plain': 'visible' };
    const settings = { auth: { type: 'bearer', token }, headers, retry_schedule_seconds: [1] };
    const endpoint = await rig.endpoint(tenant, path, settings);
    const rotated = (await rig.call('POST', `${endpointPath(tenant, endpoint.id)}/secret/rotate`)).body;
    const event = await rig.publish(tenant, { data: { card: 'payload-4111-1111' } });
    const id = event.delivery_ids[0]!;
    const failed = await rig.settled(tenant, id, 'failed');

    const base = `/v1/tenants/${tenant}`;
    const wrong = { ...settings, secret: endpoint.secret, auth: { type: 'bearer', token, x: 1 } };
    const answers = await Promise.all([
      rig.call('GET', `${base}/endpoints`),
      rig.call('GET', endpointPath(tenant, endpoint.id)),
      rig.call('PATCH', endpointPath(tenant, endpoint.id), { name: 'renamed' }),
      rig.call('POST', `${endpointPath(tenant, endpoint.id)}/disable`),
      rig.call('GET', `${base}/deliveries`),
      rig.call('GET', `${base}/deliveries/${id}`),
      rig.call('GET', `${base}/deliveries/${id}/history`),
      rig.call('GET', `${base}/events`),
      rig.call('POST', `${base}/endpoints`, { url: '', ...wrong }),
      rig.call('PATCH', endpointPath(tenant, endpoint.id), { ...wrong, secret: rotated.secret }),
      rig.call('POST', `${endpointPath(tenant, endpoint.id)}/secret/rotate`, { secret: rotated.secret }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([
      ...Array<number>(8).fill(200),
      ...Array<number>(3).fill(422),
    ]);
    const secrets = [endpoint.secret, rotated.secret, endpoint.secret.slice(6), token, '77aa310b'];
    const shown = JSON.stringify(answers.map((answer) => answer.body));
    for (const secret of secrets) expect(shown).not.toContain(secret);
    expect(shown).toContain('visible');
    expect(failed.attempts[0].request.headers).toMatchObject({
      Authorization: '[redacted]',
      'X-Api-Key': '[redacted]',
      'X-Plain': '[redacted]',
    });

    const history = await rawHistory(rig, id);
    expect(history).toContain('status 500');
    for (const text of [...secrets, 'payload-4111-1111', 'card']) expect(history).not.toContain(text);
    const stored = JSON.stringify(await rig.sql('SELECT * FROM attempts WHERE delivery_id = $1', id));
    for (const text of [...secrets, 'payload-4111-1111']) expect(stored).not.toContain(text);
  });

  it('do not follow an endpoint to another server, unless they are given anew', async () => {
    const tenant = newTenant();
    const settings = {
      auth: { type: 'bearer', token: 'tok-stays-here' },
      headers: { 'X-Api-Key': 'key-stays-here', 'X-Plain': 'visible' },
    };
    const { id } = await rig.endpoint(tenant, '/here', settings);
    const { token } = (await rig.call('POST', `/v1/tenants/${tenant}/tokens`, { capability: 'manage' })).body;
    const patch = (body: object) =>
      rig.call('PATCH', endpointPath(tenant, id), body, { authorization: `Bearer ${token}` });
    const there = 'http://localhost:1/there';
    const { port } = new URL(rig.receiver.url);
    for (const url of [
      there,
      `http://localhost:${port}/x`,
      `https://127.0.0.1:${port}/x`,
      'http://127.0.0.1:1/x',
      // At many a service paths are what tells customers apart.
      `${rig.receiver.url}/elsewhere`,
    ]) {
      const answer = await patch({ url });
      expectProblem(answer, 422, 'auth', 'headers');
      expect(answer.body.detail).toContain(`was given for ${rig.receiver.url}`);
    }
    expectProblem(await patch({ url: there, auth: null }), 422, 'headers');
    expectProblem(
      await patch({ url: there, auth: settings.auth, headers: { 'X-Api-Key': '[redacted]' } }),
      422,
      'headers.X-Api-Key',
    );
    expect((await rig.call('GET', endpointPath(tenant, id))).body.url).toBe(`${rig.receiver.url}/here`);
    expect((await patch({ url: `${rig.receiver.url}/here?x=1` })).status).toBe(200);
    expect((await patch({ url: there, auth: null, headers: { 'X-Api-Key': 'key-of-there' } })).status).toBe(
      200,
    );
    // What is shown to whoever reads is no credential.
    expect(
      (await patch({ url: `${rig.receiver.url}/plain`, headers: { 'X-Plain': 'visible' } })).status,
    ).toBe(200);
    expect((await patch({ url: there })).status).toBe(200);
  });

  it('that come while the endpoint moves do not follow it either', async () => {
    const tenant = newTenant();
    for (let n = 0; n < 5; n += 1) {
      const { id } = await rig.endpoint(tenant, '/here');
      const auth = { type: 'bearer', token: 'tok-of-here' };
      const [moved, given] = await Promise.all([
        rig.call('PATCH', endpointPath(tenant, id), { url: 'http://localhost:1/there' }),
        rig.call('PATCH', endpointPath(tenant, id), { url: `${rig.receiver.url}/here`, auth }),
      ]);
      const { url, auth: kept } = (await rig.call('GET', endpointPath(tenant, id))).body;
      expect([moved.status, given.status]).toContain(200);
      if (url.endsWith('/there')) expect(kept).toBeNull();
    }
  });

  it('are not quoted from a body that cannot be read', async () => {
    const answer = await rig.call('POST', `/v1/tenants/t/endpoints`, '{"secret":"tiny-key"oops}');
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).not.toContain('tiny-key');
  });

  it('are sealed in the database where there is a key for it, and gone from it with their endpoint', async () => {
    const tenant = newTenant();
    const endpoint = await rig.endpoint(tenant, '/x', { auth: { type: 'bearer', token: 'tok-gone' } });
    await rig.call('POST', `${endpointPath(tenant, endpoint.id)}/secret/rotate`);
    const row = async () =>
      JSON.stringify(await rig.sql('SELECT * FROM endpoints WHERE id = $1', endpoint.id));
    expect(await row()).toContain('tok-gone');
    await rig.call('DELETE', endpointPath(tenant, endpoint.id));
    expect(await row()).not.toContain('tok-gone');
    expect(await row()).not.toContain(endpoint.secret);
  });
});

describe('rotation', () => {
  it.each(['standard', '8bit', 'agentbot', 'eev'])(
    'signs with both secrets while the old one is in grace: %s',
    async (profile) => {
      const tenant = newTenant();
      const path = `/${tenant}`;
      const { id, secret: old } = await rig.endpoint(tenant, path, { profile });
      const before = Date.now();
      const answer = await rig.call('POST', `${endpointPath(tenant, id)}/secret/rotate`);
      expect(answer.status).toBe(200);
      const { secret, previous_valid_until } = answer.body;
      expect(secret).not.toBe(old);
      const graceMs = Date.parse(previous_valid_until) - before;
      expect(graceMs).toBeGreaterThanOrEqual(86_400_000);
      expect(graceMs).toBeLessThan(86_430_000);
      const shown = await rig.call('GET', endpointPath(tenant, id));
      expect(shown.body.previous_secrets_valid_until).toEqual([previous_valid_until]);
      await rig.publish(tenant);
      const [received] = await rig.calls(path, 1);
      expect(await verifies(profile, secret, received!)).toBe(true);
      expect(await verifies(profile, old, received!)).toBe(true);
      expect(await verifies(profile, 'another secret altogether', received!)).toBe(false);
    },
  );

  it('without grace ends all earlier secrets at once, with a short one when it is over', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const { id, secret: first } = await rig.endpoint(tenant, path);
    const rotate = async (body: object) =>
      (await rig.call('POST', `${endpointPath(tenant, id)}/secret/rotate`, body)).body;
    const own = 'second secret, my own';
    const second = await rotate({ secret: own, grace_seconds: 3600 });
    expect(second.secret).toBe(`whsec_${Buffer.from(own).toString('base64')}`);
    await rig.publish(tenant);
    const [inGrace] = await rig.calls(path, 1);
    expect(await Promise.all([first, own].map((secret) => verifies('standard', secret, inGrace!)))).toEqual([
      true,
      true,
    ]);

    const third = await rotate({ grace_seconds: 0 });
    expect(third.previous_valid_until).toBeNull();
    await rig.publish(tenant);
    const [, after] = await rig.calls(path, 2);
    const valid = await Promise.all(
      [first, own, third.secret].map((secret) => verifies('standard', secret, after!)),
    );
    expect(valid).toEqual([false, false, true]);
    const shown = await rig.call('GET', endpointPath(tenant, id));
    expect(shown.body.previous_secrets_valid_until).toEqual([]);

    const { previous_valid_until: end } = await rotate({ grace_seconds: 1 });
    await until(
      () => Date.now(),
      (now) => now > Date.parse(end),
    );
    await rig.publish(tenant);
    const [, , late] = await rig.calls(path, 3);
    expect(await verifies('standard', third.secret, late!)).toBe(false);
    expect((late!.headers['webhook-signature'] as string).split(' ')).toHaveLength(1);
  });

  it('of two at once loses no secret', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const { id, secret: first } = await rig.endpoint(tenant, path);
    const own = ['the first of two', 'the second of two', 'and a third one as well'];
    const answers = await Promise.all(
      own.map((secret) => rig.call('POST', `${endpointPath(tenant, id)}/secret/rotate`, { secret })),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    await rig.publish(tenant);
    const [received] = await rig.calls(path, 1);
    expect(
      await Promise.all([first, ...own].map((secret) => verifies('standard', secret, received!))),
    ).toEqual(Array(4).fill(true));
  });

  it('reaches attempts that were still to come', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let fail = () => {};
    rig.receiver.answerAt(path, (_request, response) => {
      fail = () => void response.writeHead(500).end();
    });
    const { id, secret: old } = await rig.endpoint(tenant, path, { retry_schedule_seconds: [0] });
    await rig.publish(tenant);
    const [first] = await rig.calls(path, 1);
    const body = { grace_seconds: 0 };
    const { secret } = (await rig.call('POST', `${endpointPath(tenant, id)}/secret/rotate`, body))
      .body as Json;
    fail();
    const [, second] = await rig.calls(path, 2);
    expect(await Promise.all([old, secret].map((one) => verifies('standard', one, first!)))).toEqual([
      true,
      false,
    ]);
    expect(await Promise.all([old, secret].map((one) => verifies('standard', one, second!)))).toEqual([
      false,
      true,
    ]);
  });
});

it('the grace of earlier secrets can be ended early, and then the new one alone is good', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  const { id, secret: old } = await rig.endpoint(tenant, path);
  const rotated = (await rig.call('POST', `${endpointPath(tenant, id)}/secret/rotate`, {})).body.secret;
  await rig.publish(tenant);
  await rig.calls(path, 1);
  const ended = await rig.call('POST', `${endpointPath(tenant, id)}/secret/end-previous`);
  expect(ended.status, JSON.stringify(ended.body)).toBe(200);
  expect(ended.body.previous_secrets_valid_until).toEqual([]);
  await rig.publish(tenant);
  const [before, after] = await rig.calls(path, 2);
  expect(await verifies('standard', old, before!)).toBe(true);
  expect(await verifies('standard', rotated, before!)).toBe(true);
  expect(await verifies('standard', old, after!)).toBe(false);
  expect(await verifies('standard', rotated, after!)).toBe(true);
  // Once more changes nothing; who has done it is in the log.
  expect((await rig.call('POST', `${endpointPath(tenant, id)}/secret/end-previous`)).status).toBe(200);
  const { body: audit } = await rig.call('GET', `/v1/tenants/${tenant}/audit?subject_id=${id}`);
  const entry = audit.data.find(
    ({ action, sealed }: Json) => action === 'endpoint.updated' && sealed.length > 0,
  );
  expect(entry).toMatchObject({ sealed: ['previous_secrets'] });
  expectProblem(await rig.call('POST', `${endpointPath(tenant, 'ep_none')}/secret/end-previous`), 404);
});
