import { expect, it } from 'vitest';
import { expectProblem, newTenant, useRig } from '../support/rig.ts';

const rig = useRig();

it('shows and does nothing for another tenant: its endpoints, events and deliveries are not there', async () => {
  const [owner, other] = [newTenant(), newTenant()];
  const endpoint = await rig.endpoint(owner, '/mine', { retry_schedule_seconds: [3600] });
  rig.receiver.answerAt('/mine', 500);
  const event = await rig.publish(owner);
  const delivery = event.delivery_ids[0]!;
  await rig.settled(owner, delivery, 'retrying');
  await rig.publish(other);

  const base = `/v1/tenants/${other}`;
  const requests: [method: string, path: string, body?: object][] = [
    ['GET', `/endpoints/${endpoint.id}`],
    ['PATCH', `/endpoints/${endpoint.id}`, { url: 'http://127.0.0.1:9/stolen' }],
    ['POST', `/endpoints/${endpoint.id}/secret/rotate`],
    ['POST', `/endpoints/${endpoint.id}/test`],
    ['POST', `/endpoints/${endpoint.id}/disable`],
    ['POST', `/endpoints/${endpoint.id}/enable`],
    ['DELETE', `/endpoints/${endpoint.id}`],
    ['GET', `/events/${event.id}`],
    ['GET', `/deliveries/${delivery}`],
    ['GET', `/deliveries/${delivery}/history`],
    ['POST', `/deliveries/${delivery}/retry`],
    ['POST', `/deliveries/${delivery}/cancel`],
  ];
  for (const [method, path, body] of requests) {
    expectProblem(await rig.call(method, base + path, body), 404);
  }
  for (const list of ['/endpoints', '/deliveries']) {
    expect((await rig.call('GET', base + list)).body).toEqual({ data: [], next_cursor: null });
  }
  // As of one that never was.
  expectProblem(await rig.call('GET', `${base}/deliveries?endpoint_id=${endpoint.id}`), 422, 'endpoint_id');
  expect((await rig.call('GET', `${base}/events`)).body.data).toHaveLength(1);

  const untouched = await rig.call('GET', `/v1/tenants/${owner}/endpoints/${endpoint.id}`);
  expect(untouched.body).toMatchObject({ url: `${rig.receiver.url}/mine`, enabled: true });
  expect(await rig.delivery(owner, delivery)).toMatchObject({ status: 'retrying', attempt_count: 1 });
});

it('keeps event ids and idempotency keys of tenants apart', async () => {
  const [a, b] = [newTenant(), newTenant()];
  await Promise.all([rig.endpoint(a, '/same-a'), rig.endpoint(b, '/same-b')]);
  const publish = (tenant: string, n: number) =>
    rig.call(
      'POST',
      `/v1/tenants/${tenant}/events`,
      { id: 'same', type: 'a.b', data: { n } },
      { 'idempotency-key': 'k' },
    );
  expect((await publish(a, 1)).status).toBe(202);
  expect((await publish(b, 2)).status).toBe(202);
  await Promise.all([rig.calls('/same-a', 1), rig.calls('/same-b', 1)]);
  expect(JSON.parse(rig.receiver.at('/same-b')[0]!.body).data).toEqual({ n: 2 });
});
