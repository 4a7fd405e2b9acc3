import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify.ts';
import type { Received } from '../support/receiver.ts';
import { newTenant, rawHistory, useRig, type Json } from '../support/rig.ts';

const rig = useRig();
const endpointPath = (tenant: string, id: string) => `/v1/tenants/${tenant}/endpoints/${id}`;
const verifies = (profile: string, secret: string, { headers, body }: Received): boolean => {
  try {
    verifyWebhook({ profile, secret, headers, body });
    return true;
  } catch {
    return false;
  }
};

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
    expect((await rig.endpoint(newTenant(), '/x', { secret: 'x'.repeat(16) })).secret).toBe('x'.repeat(16));
  });
});

describe('secrets, credentials and payloads', () => {
  it('are in no answer, no log, no history and no error after creation', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, 500);
    const token = 'tok-5f2e81c07a';
    const headers = { 'X-Api-Key': 'key-77aa310b', 'X-Plain': 'visible' };
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
    const secrets = [endpoint.secret, rotated.secret, endpoint.secret.slice(6), token, headers['X-Api-Key']];
    const shown = JSON.stringify(answers.map((answer) => answer.body));
    for (const secret of secrets) expect(shown).not.toContain(secret);
    expect(shown).toContain('visible');
    expect(failed.attempts[0].request.headers).toMatchObject({
      Authorization: '[redacted]',
      'X-Api-Key': '[redacted]',
      'X-Plain': 'visible',
    });

    const history = await rawHistory(rig, id);
    expect(history).toContain('status 500');
    for (const text of [...secrets, 'payload-4111-1111', 'card']) expect(history).not.toContain(text);
    const stored = JSON.stringify(await rig.sql('SELECT * FROM attempts WHERE delivery_id = $1', id));
    for (const text of [...secrets, 'payload-4111-1111']) expect(stored).not.toContain(text);
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
      expect(verifies(profile, secret, received!)).toBe(true);
      expect(verifies(profile, old, received!)).toBe(true);
      expect(verifies(profile, 'another secret altogether', received!)).toBe(false);
    },
  );

  it('without grace ends the old secret at once, with a short one when it is over', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const { id, secret: first } = await rig.endpoint(tenant, path);
    const rotate = async (body: object) =>
      (await rig.call('POST', `${endpointPath(tenant, id)}/secret/rotate`, body)).body;
    const own = 'second secret, my own';
    const second = await rotate({ secret: own, grace_seconds: 3600 });
    expect(second.secret).toBe(own);
    await rig.publish(tenant);
    const [inGrace] = await rig.calls(path, 1);
    expect([first, own].map((secret) => verifies('standard', secret, inGrace!))).toEqual([true, true]);

    const third = await rotate({ grace_seconds: 0 });
    expect(third.previous_valid_until).toBeNull();
    await rig.publish(tenant);
    const [, after] = await rig.calls(path, 2);
    expect([own, third.secret].map((secret) => verifies('standard', secret, after!))).toEqual([false, true]);

    // As if the hour were over.
    await rig.sql(
      'UPDATE endpoints SET previous_secrets = replace(previous_secrets::text, $1, $2)::json WHERE id = $3',
      second.previous_valid_until,
      new Date(Date.now() - 20).toISOString(),
      id,
    );
    await rig.call('PATCH', endpointPath(tenant, id), { name: 'so that caches forget it' });
    await rig.publish(tenant);
    const [, , late] = await rig.calls(path, 3);
    expect(verifies('standard', first, late!)).toBe(false);
    expect(verifies('standard', third.secret, late!)).toBe(true);
    expect((late!.headers['webhook-signature'] as string).split(' ')).toHaveLength(1);
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
    expect([old, secret].map((one) => verifies('standard', one, first!))).toEqual([true, false]);
    expect([old, secret].map((one) => verifies('standard', one, second!))).toEqual([false, true]);
  });
});
