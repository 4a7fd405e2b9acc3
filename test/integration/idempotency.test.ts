import { expect, it } from 'vitest';
import type { Answer } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();

const post = (tenant: string, body: object, key?: string): Promise<Answer> =>
  rig.call('POST', `/v1/tenants/${tenant}/events`, body, key ? { 'idempotency-key': key } : {});

/** Proof that nothing more came: an event that was published later has arrived. */
async function expectCalls(tenant: string, path: string, count: number): Promise<void> {
  await rig.publish(tenant, { type: 'the.end' });
  await rig.calls(path, count + 1);
  expect(rig.receiver.at(path)).toHaveLength(count + 1);
  const [{ deliveries }] = (await rig.sql(
    `SELECT count(*)::int AS deliveries FROM deliveries WHERE tenant_id = $1 AND event_type <> 'the.end'`,
    tenant,
  )) as [Json];
  expect(deliveries).toBe(count);
}

it('answers the same id again with the same answer, and delivers nothing twice', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  await Promise.all([rig.endpoint(tenant, path), rig.endpoint(tenant, path)]);
  const event = { id: 'evt/1?&ü'.replace('ü', '~'), type: 'a.b', data: { n: 1 } };
  const first = await post(tenant, event);
  expect(first).toMatchObject({ status: 202, body: { id: event.id } });
  expect(first.body.delivery_ids).toHaveLength(2);
  for (const again of [event, { ...event, data: { n: 2 } }]) {
    const answer = await post(tenant, again);
    expect([answer.status, answer.body]).toEqual([200, first.body]);
  }
  await rig.calls(path, 2);
  expect((await post(tenant, event)).body).toEqual(first.body);
  await rig.publish(tenant);
  const received = await rig.calls(path, 4);
  expect(received.filter((one) => one.headers['webhook-id'] === event.id)).toHaveLength(2);
  const found = await rig.call('GET', `/v1/tenants/${tenant}/events/${encodeURIComponent(event.id)}`);
  expect(found.body).toMatchObject({ id: event.id, data: { n: 1 }, delivery_ids: first.body.delivery_ids });
});

it('takes one of 20 identical publishes that come at once, and answers all the same', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  await rig.endpoint(tenant, path);
  const event = { id: 'once', type: 'a.b', data: {} };
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(tenant, event)));
  expect(answers.map((answer) => answer.status).sort()).toEqual([...Array<number>(19).fill(200), 202]);
  for (const answer of answers) expect(answer.body).toEqual(answers[0]!.body);
  await expectCalls(tenant, path, 1);
});

it('takes an idempotency key once: same request, same answer', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  await rig.endpoint(tenant, path);
  const body = { type: 'a.b', data: { n: 1 } };
  const first = await post(tenant, body, 'key-1');
  expect(first.status).toBe(202);
  const again = await post(tenant, body, 'key-1');
  expect([again.status, again.body]).toEqual([200, first.body]);
  expect((await post(tenant, body, 'key-2')).status).toBe(202);
  await expectCalls(tenant, path, 2);
});

it('refuses an idempotency key with another body', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  await rig.endpoint(tenant, path);
  await post(tenant, { type: 'a.b', data: { n: 1 } }, 'key');
  const others = [
    { type: 'a.b', data: { n: 2 } },
    { type: 'a.c', data: { n: 1 } },
    { type: 'a.b', data: { n: 1 }, id: 'x' },
    { type: 'a.b', data: { n: 1 }, environment: 'production' },
  ];
  for (const body of others) expectProblem(await post(tenant, body, 'key'), 422, 'Idempotency-Key');
  await expectCalls(tenant, path, 1);
});

it('takes one of 20 requests with one key that come at once', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  await rig.endpoint(tenant, path);
  const body = { type: 'a.b', data: { n: 1 } };
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(tenant, body, 'key')));
  expect(answers.map((answer) => answer.status).sort()).toEqual([...Array<number>(19).fill(200), 202]);
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  await expectCalls(tenant, path, 1);
});

it('takes one of several different requests that come at once with one key, and refuses the others', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  await rig.endpoint(tenant, path);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => post(tenant, { type: 'a.b', data: { n } }, 'key')),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([202, ...Array<number>(9).fill(422)]);
  await expectCalls(tenant, path, 1);
});

it('does not spend a key on a request that is refused', async () => {
  const tenant = newTenant();
  expectProblem(await post(tenant, { type: 'A', data: {} }, 'key'), 422, 'type');
  expect((await post(tenant, { type: 'a', data: {} }, 'key')).status).toBe(202);
});
