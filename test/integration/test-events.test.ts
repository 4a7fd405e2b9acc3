import { expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();

const sendTest = (tenant: string, id: string, body?: object) =>
  rig.call('POST', `/v1/tenants/${tenant}/endpoints/${id}/test`, body);

it('a test event is signed, delivered and logged like a real one, and marked as a test', async () => {
  const tenant = newTenant();
  const [endpoint] = [
    await rig.endpoint(tenant, '/mine', { profile: '8bit' }),
    await rig.endpoint(tenant, '/other'),
  ];
  const answer = await sendTest(tenant, endpoint.id, { type: 'message.received', data: { hello: 'you' } });
  expect(answer).toMatchObject({ status: 202, body: { event_id: expect.stringMatching(/^evt_/) as string } });
  const { event_id, delivery_id } = answer.body;
  const delivery = await rig.settled(tenant, delivery_id, 'succeeded');
  const [received] = rig.receiver.at('/mine');
  const { headers, body } = received!;
  expect(await verifyWebhook({ profile: '8bit', secret: endpoint.secret, headers, body })).toMatchObject({
    id: event_id,
    type: 'message.received',
    environment: 'production',
    data: { hello: 'you' },
  });
  expect(delivery).toMatchObject({ test: true, trigger: 'test', event_id, attempts: [{ trigger: 'test' }] });
  const listed = await rig.call('GET', `/v1/tenants/${tenant}/deliveries?event_id=${event_id}`);
  expect(listed.body.data.map((one: Json) => [one.id, one.test])).toEqual([[delivery_id, true]]);
  const event = await rig.call('GET', `/v1/tenants/${tenant}/events/${event_id}`);
  expect(event.body).toMatchObject({ type: 'message.received', delivery_ids: [delivery_id] });
  expect(rig.receiver.at('/other')).toEqual([]);
});

it('without a type it is the first of the catalogue that the endpoint wants, with its example', async () => {
  const tenant = newTenant();
  const settings = { profile: 'agentbot', events: ['ticket.*'], environments: ['development'] };
  const endpoint = await rig.endpoint(tenant, '/ticket', settings);
  expect((await sendTest(tenant, endpoint.id)).status).toBe(202);
  const [received] = await rig.calls('/ticket', 1);
  const { body: ticket } = await rig.call('GET', '/v1/event-types/ticket.created?profile=agentbot');
  expect(JSON.parse(received!.body)).toMatchObject({ event: 'ticket.created', data: ticket.example });
  const [{ environment }] = await rig.sql('SELECT environment FROM deliveries WHERE tenant_id = $1', tenant);
  expect(environment).toBe('development');
});

it('it is retried on the schedule and can be sent again', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt('/fails', 500);
  const endpoint = await rig.endpoint(tenant, '/fails', { retry_schedule_seconds: [0] });
  const { delivery_id } = (await sendTest(tenant, endpoint.id)).body;
  const failed = await rig.settled(tenant, delivery_id, 'failed');
  expect(failed.attempts.map((one: Json) => one.trigger)).toEqual(['test', 'test']);
  rig.receiver.answerAt('/fails', 200);
  await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${delivery_id}/retry`);
  const resent = await rig.settled(tenant, delivery_id, 'succeeded');
  expect(resent).toMatchObject({ test: true, attempts: [{}, {}, { trigger: 'manual' }] });
});

it('it is refused with what no event may have, and with fields nobody knows', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/x');
  expectProblem(await sendTest(tenant, id, { type: 'A.b' }), 422, 'type');
  expectProblem(await sendTest(tenant, id, { data: [] }), 422, 'data');
  expectProblem(await sendTest(tenant, id, { id: 'x' }), 422, 'id');
  expect((await rig.call('GET', `/v1/tenants/${tenant}/deliveries`)).body.data).toEqual([]);
});

it.each(['standard', '8bit', 'agentbot', 'eev'])(
  'every type of the catalogue can be tested, and carries its example: %s',
  async (profile) => {
    const { body } = await rig.call('GET', `/v1/event-types?profile=${profile}`);
    const count = { standard: 2, '8bit': 16, agentbot: 6, eev: 18 }[profile];
    expect(body.data).toHaveLength(count!);
    const tenant = newTenant();
    const { id, secret } = await rig.endpoint(tenant, `/${tenant}`, { profile });
    for (const { name, description, example } of body.data) {
      expect(description.length, name).toBeGreaterThan(10);
      expect(Object.keys(example).length, name).toBeGreaterThan(0);
      const answer = await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${id}/test`, { type: name });
      expect(answer.status).toBe(202);
    }
    const received = await rig.calls(`/${tenant}`, count!);
    const sent = await Promise.all(
      received.map(({ headers, body }) => verifyWebhook({ profile, secret, headers, body })),
    );
    const examples = new Map(sent.map((one) => [one.type, one.data]));
    for (const { name, example } of body.data) expect(examples.get(name)).toEqual(example);
  },
);
