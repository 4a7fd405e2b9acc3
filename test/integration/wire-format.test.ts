import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { expect } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import { describe, it } from '../support/concurrent.ts';
import type { Received } from '../support/receiver.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();

/** Keys out of order, text beyond ASCII, everything that JSON writers like to change. */
const data = {
  z: 1,
  a: { nested: [1, 2.5, -0.001, 1e21, null, true], empty: {}, list: [] },
  text: 'ä€😀 "quoted" \\ / \u0000 \u2028 <script>',
  '': 'no name',
  __proto: { toString: 'x' },
};
const event = {
  type: 'conversation.created',
  data,
  timestamp: '2026-05-17T12:34:56.789Z',
  environment: 'staging',
};

/** Two failures and a success, so that there are three attempts to compare. */
async function threeAttempts(profile: string, settings: object = {}) {
  const tenant = newTenant();
  const path = `/${tenant}`;
  const answers = [500, 503, 204];
  rig.receiver.answerAt(path, (_request, response) => void response.writeHead(answers.shift()!).end());
  const environments = ['staging'];
  // The second attempt falls into another second than the first, so its timestamp shows.
  const schedule = { retry_schedule_seconds: [1, 0] };
  const endpoint = await rig.endpoint(tenant, path, { profile, environments, ...schedule, ...settings });
  const published = await rig.publish(tenant, event);
  const delivery = await rig.settled(tenant, published.delivery_ids[0]!, 'succeeded');
  const received = rig.receiver.at(path);
  expect(received).toHaveLength(3);
  expect(new Set(received.map((one) => one.body)).size).toBe(1);
  for (const one of received) {
    expect(one.headers['content-type']).toBe('application/json');
    expect(one.headers['user-agent']).toMatch(/^Posthorn\//);
    expect(one.headers['content-length']).toBe(String(Buffer.byteLength(one.body)));
    // Agentbot's sample verifies what it has parsed and written again.
    expect(JSON.stringify(JSON.parse(one.body))).toBe(one.body);
  }
  expect(delivery.request_body).toBe(received[0]!.body);
  return { tenant, secret: endpoint.secret as string, eventId: published.id, delivery, received };
}

/** Each attempt is dated with its own time: that of its arrival, more or less, and not all the same. */
function expectOwnTimes(received: Received[], unixSeconds: (one: Received) => number): void {
  const times = received.map(unixSeconds);
  received.forEach((one, i) => expect(Math.abs(one.atMs / 1000 - times[i]!)).toBeLessThan(30));
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1);
}

const names = (received: Received, prefix: RegExp) =>
  Object.keys(received.headers).filter((name) => prefix.test(name));

describe('standard', () => {
  it('is verified by standardwebhooks, svix and our own verifier at every attempt', async () => {
    const { secret, eventId, received } = await threeAttempts('standard');
    for (const { headers, body } of received) {
      expect(headers['webhook-id']).toBe(eventId);
      const plain = headers as Record<string, string>;
      const envelope = { type: event.type, timestamp: event.timestamp, data };
      expect(new StandardWebhook(secret).verify(body, plain)).toEqual(envelope);
      expect(new SvixWebhook(secret).verify(body, plain)).toEqual(envelope);
      expect(() => new StandardWebhook(secret).verify(`${body} `, plain)).toThrow();
      const verified = await verifyWebhook({ profile: 'standard', secret, headers, body });
      expect(verified).toMatchObject({ id: eventId, type: event.type, data });
      expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    }
    expect(Object.keys(JSON.parse(received[0]!.body))).toEqual(['type', 'timestamp', 'data']);
    expectOwnTimes(received, ({ headers }) => Number(headers['webhook-timestamp']));
  });
});

describe('8bit', () => {
  it('has its three headers, the hex HMAC of the raw body, and its envelope at every attempt', async () => {
    const { tenant, secret, eventId, received } = await threeAttempts('8bit');
    for (const one of received) {
      const { headers, body } = one;
      expect(headers['x-8bit-event-id']).toBe(eventId);
      expect(headers['x-8bit-signature-256']).toBe(createHmac('sha256', secret).update(body).digest('hex'));
      expect(names(one, /^(x-8bit|webhook|x-agentbot)/)).toHaveLength(3);
      expect(JSON.parse(body)).toEqual({
        id: eventId,
        type: event.type,
        created_at: event.timestamp,
        environment: 'staging',
        account_id: tenant,
        data,
      });
      expect((await verifyWebhook({ profile: '8bit', secret, headers, body })).id).toBe(eventId);
    }
    expectOwnTimes(received, ({ headers }) => Number(headers['x-8bit-timestamp']));
  });
});

describe('agentbot', () => {
  /** As in Agentbot's documentation, where `req.body` is parsed JSON. */
  function verify(req: { headers: Received['headers']; body: unknown }, secret: string): boolean {
    const sig = req.headers['x-agentbot-signature'] as string;
    const [tPart, vPart] = sig.split(',') as [string, string];
    const [t, v1] = [tPart.slice(2), vPart.slice(3)];
    const expected = createHmac('sha256', secret)
      .update(`${t}.${JSON.stringify(req.body)}`)
      .digest('hex');
    return timingSafeEqual(Buffer.from(v1), Buffer.from(expected));
  }

  it('is verified by the verifier of its documentation at every attempt', async () => {
    const { tenant, secret, delivery, received } = await threeAttempts('agentbot');
    for (const one of received) {
      const { headers, body } = one;
      expect(verify({ headers, body: JSON.parse(body) }, secret)).toBe(true);
      expect(headers['x-agentbot-signature']).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/);
      expect(headers['x-agentbot-event']).toBe(event.type);
      expect(headers['x-agentbot-delivery-id']).toBe(delivery.id);
      expect(names(one, /^(x-8bit|webhook|x-agentbot)/)).toHaveLength(3);
      expect(JSON.parse(body)).toEqual({
        event: event.type,
        timestamp: '2026-05-17T12:34:56Z',
        site_id: tenant,
        data,
      });
      const verified = await verifyWebhook({ profile: 'agentbot', secret, headers, body });
      expect(verified).toMatchObject({ deliveryId: delivery.id, type: event.type });
    }
    expectOwnTimes(received, ({ headers }) =>
      Number((headers['x-agentbot-signature'] as string).slice(2, 12)),
    );
  });

  it('goes on being verified by it while an old secret is in grace', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const { id } = await rig.endpoint(tenant, path, { profile: 'agentbot' });
    const rotate = `/v1/tenants/${tenant}/endpoints/${id}/secret/rotate`;
    const { secret } = (await rig.call('POST', rotate)).body;
    await rig.publish(tenant);
    const [{ headers, body }] = (await rig.calls(path, 1)) as [Received];
    expect(headers['x-agentbot-signature']).toMatch(/^t=\d{10},v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
    expect(verify({ headers, body: JSON.parse(body) }, secret)).toBe(true);
  });
});

describe('eev', () => {
  it('has the headers of Standard Webhooks and its own envelope, by POST', async () => {
    const { secret, eventId, received } = await threeAttempts('eev');
    for (const { method, headers, body } of received) {
      expect(method).toBe('POST');
      const envelope = { id: eventId, event: event.type, timestamp: event.timestamp, data };
      expect(new StandardWebhook(secret).verify(body, headers as Record<string, string>)).toEqual(envelope);
    }
  });

  it('goes by PUT when the endpoint wants it', async () => {
    const { secret, received } = await threeAttempts('eev', { method: 'PUT' });
    for (const { method, headers, body } of received) {
      expect(method).toBe('PUT');
      expect((await verifyWebhook({ profile: 'eev', secret, headers, body })).data).toEqual(data);
    }
  });

  it('sends no signature when it has no secret, and one as soon as it is given one', async () => {
    const { tenant, secret, eventId, received } = await threeAttempts('eev', { secret: null });
    expect(secret).toBeNull();
    for (const { headers } of received) {
      expect(headers).not.toHaveProperty('webhook-signature');
      expect(headers['webhook-id']).toBe(eventId);
    }
    const { body: list } = await rig.call('GET', `/v1/tenants/${tenant}/endpoints`);
    expect(list.data[0].signed).toBe(false);
    const rotate = `/v1/tenants/${tenant}/endpoints/${list.data[0].id}/secret/rotate`;
    const rotated = (await rig.call('POST', rotate)).body;
    expect(rotated.previous_valid_until).toBeNull();
    rig.receiver.answerAt(`/${tenant}`, 200);
    await rig.publish(tenant, event);
    const { headers, body } = (await rig.calls(`/${tenant}`, 4))[3]!;
    expect((await verifyWebhook({ profile: 'eev', secret: rotated.secret, headers, body })).data).toEqual(
      data,
    );
  });
});

describe('every profile', () => {
  it.each([
    ['bearer', { type: 'bearer', token: 'abc.def' }, 'Bearer abc.def'],
    ['basic', { type: 'basic', username: 'jörg', password: 'a:b €' }, basic('jörg:a:b €')],
  ])('sends %s credentials and static headers at every attempt', async (_kind, auth, authorization) => {
    const headers = { 'X-Team': 'crm' };
    const { received } = await threeAttempts('standard', { auth, headers });
    for (const one of received) {
      expect(one.headers).toMatchObject({ authorization, 'x-team': 'crm' });
    }
  });
});

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}
