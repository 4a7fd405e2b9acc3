/** Ed25519 beside HMAC, and who signs first while a secret is changed over. */
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import type { Received } from '../support/receiver.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();
const pathOf = (tenant: string, id: string) => `/v1/tenants/${tenant}/endpoints/${id}`;
const verifies = (secret: string, { headers, body }: Received, profile = 'standard'): Promise<boolean> =>
  verifyWebhook({ profile, secret, headers, body }).then(
    () => true,
    () => false,
  );

async function setUp(settings: object) {
  const tenant = newTenant();
  const path = `/${tenant}`;
  const endpoint = await rig.endpoint(tenant, path, settings);
  let count = 0;
  return {
    endpoint,
    path: pathOf(tenant, endpoint.id),
    async next(): Promise<Received> {
      await rig.publish(tenant);
      count += 1;
      return (await rig.calls(path, count))[count - 1]!;
    },
    patch: (body: object) => rig.call('PATCH', pathOf(tenant, endpoint.id), body),
    async rotate(body: object): Promise<Json> {
      const answer = await rig.call('POST', `${pathOf(tenant, endpoint.id)}/secret/rotate`, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      return answer.body;
    },
  };
}

const schemesOf = ({ headers }: Received): string[] =>
  String(headers['webhook-signature'])
    .split(' ')
    .map((one) => one.split(',')[0]!);

describe('Ed25519', () => {
  it.each([
    ['ed25519', ['v1a'], [false, true]],
    ['both', ['v1', 'v1a'], [true, true]],
    ['hmac', ['v1'], [true, null]],
  ] as const)('signature "%s": %j', async (signature, schemes, [bySecret, byKey]) => {
    const { endpoint, next } = await setUp({ signature });
    expect(endpoint.signature).toBe(signature);
    const received = await next();
    expect(schemesOf(received)).toEqual(schemes);
    expect(await verifies(endpoint.secret, received)).toBe(bySecret);
    expect(endpoint.public_key === null ? null : await verifies(endpoint.public_key, received)).toBe(byKey);
  });

  it('is chosen later, too, and goes away again', async () => {
    const { endpoint, next, patch } = await setUp({});
    expect(endpoint.public_key).toBeNull();
    const changed = (await patch({ signature: 'both' })).body;
    const received = await next();
    expect(await verifies(changed.public_key, received)).toBe(true);
    // What reads v1 only goes on.
    const text = received.body.toString();
    expect(() =>
      new StandardWebhook(endpoint.secret).verify(text, received.headers as Record<string, string>),
    ).not.toThrow();
    expect((await patch({ signature: 'hmac' })).body).toMatchObject({ public_key: changed.public_key });
    expect(schemesOf(await next())).toEqual(['v1']);
  });

  it('rotates with grace: either public key verifies, the new one signs first', async () => {
    const { endpoint, next, rotate } = await setUp({ signature: 'ed25519' });
    const rotated = await rotate({ grace_seconds: 60 });
    expect(rotated.public_key).toMatch(/^whpk_/);
    expect(rotated.public_key).not.toBe(endpoint.public_key);
    const received = await next();
    expect(schemesOf(received)).toEqual(['v1a', 'v1a']);
    for (const key of [rotated.public_key, endpoint.public_key])
      expect(await verifies(key, received)).toBe(true);
    const leaked = await rotate({ grace_seconds: 0 });
    const later = await next();
    for (const key of [rotated.public_key, endpoint.public_key])
      expect(await verifies(key, later)).toBe(false);
    expect(await verifies(leaked.public_key, later)).toBe(true);
  });

  it('is refused where the profile has no place for it; its private key is nowhere to be seen', async () => {
    const tenant = newTenant();
    for (const profile of ['8bit', 'agentbot']) {
      const body = { url: `${rig.receiver.url}/x`, profile, signature: 'both' };
      expectProblem(await rig.call('POST', `/v1/tenants/${tenant}/endpoints`, body), 422, 'signature');
    }
    const key = 'whsk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const body = { url: `${rig.receiver.url}/x`, secret: key };
    expectProblem(await rig.call('POST', `/v1/tenants/${tenant}/endpoints`, body), 422, 'secret');
    const { path } = await setUp({ signature: 'both' });
    expect(JSON.stringify((await rig.call('GET', path)).body)).not.toMatch(/whsk_|whsec_/);
  });
});

describe('the previous secret signs first during grace, when it is asked to', () => {
  const hex = (secret: string, body: Buffer | string) =>
    createHmac('sha256', secret).update(body).digest('hex');

  it('8bit: in the header that has one signature', async () => {
    const { endpoint, next, rotate } = await setUp({ profile: '8bit' });
    const rotated = await rotate({ grace_seconds: 60, primary: 'previous' });
    const { headers, body } = await next();
    expect(headers['x-8bit-signature-256']).toBe(hex(endpoint.secret, body));
    expect(headers['x-8bit-signature-256-previous']).toBe(hex(rotated.secret, body));
  });

  it('agentbot: as the first v1', async () => {
    const { endpoint, next, rotate } = await setUp({ profile: 'agentbot' });
    const rotated = await rotate({ grace_seconds: 60, primary: 'previous' });
    const { headers, body } = await next();
    const [t, first, second] = String(headers['x-agentbot-signature']).split(',');
    const signed = `${t!.slice(2)}.${body.toString()}`;
    expect(first).toBe(`v1=${hex(endpoint.secret, signed)}`);
    expect(second).toBe(`v1=${hex(rotated.secret, signed)}`);
    // A second rotation says anew who is first.
    const third = await rotate({ grace_seconds: 60, primary: 'new' });
    const later = await next();
    const [time, one] = String(later.headers['x-agentbot-signature']).split(',');
    expect(one).toBe(`v1=${hex(third.secret, `${time!.slice(2)}.${later.body.toString()}`)}`);
  });

  it('makes no sense without grace', async () => {
    const { path } = await setUp({});
    const body = { grace_seconds: 0, primary: 'previous' };
    expectProblem(await rig.call('POST', `${path}/secret/rotate`, body), 422, 'primary');
  });
});
