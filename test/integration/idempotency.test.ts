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

it('an id that we gave is known again when it is sent as an own one', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  await rig.endpoint(tenant, path);
  const first = await rig.publish(tenant);
  const again = await post(tenant, { id: first.id, type: 'a.b', data: { n: 1 } });
  expect([again.status, again.body]).toEqual([200, first]);
  const batch = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, {
    events: [{ id: first.id, type: 'a.b', data: {} }],
  });
  expect(batch.body.results).toMatchObject([{ id: first.id, delivery_ids: first.delivery_ids }]);
  // One of that shape that we did not give, or gave to another tenant, is an id like any other.
  const other = newTenant();
  expect((await post(other, { id: first.id, type: 'a.b', data: {} })).status).toBe(202);
  await expectCalls(tenant, path, 1);
});

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

it('answers the same id with another key as the same id; the key stays free', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, `/${tenant}`);
  const event = { id: 'own', type: 'a.b', data: { n: 1 } };
  const first = await post(tenant, event, 'first');
  expect(first.status).toBe(202);
  const again = await post(tenant, { ...event, data: { n: 2 } }, 'second');
  expect([again.status, again.body]).toEqual([200, first.body]);
  expectProblem(await post(tenant, { ...event, id: 'other' }, 'first'), 422, 'Idempotency-Key');
  expect((await post(tenant, { type: 'c.d', data: {} }, 'second')).status).toBe(202);
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
    { type: 'a.b', data: { n: 1 }, environment: 'staging' },
    { type: 'a.b', data: { n: 1 }, timestamp: '2026-01-01T00:00:00Z' },
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

it('compares what was meant: not white space, not order, not what is the default anyway', async () => {
  const tenant = newTenant();
  const first = await post(
    tenant,
    { type: 'a.b', timestamp: '2026-01-01T01:00:00+01:00', data: { n: 1 } },
    'key',
  );
  expect(first.status).toBe(202);
  const again = `{ "data": {\n"n" : 1.0}, "environment": "production",
    "timestamp": "2026-01-01T00:00:00.000Z", "type": "a.b" }`;
  const answer = await rig.call('POST', `/v1/tenants/${tenant}/events`, again, { 'idempotency-key': 'key' });
  expect(answer).toMatchObject({ status: 200, body: first.body });
});

it('keeps the keys of events, of batches and of workflows apart', async () => {
  const tenant = newTenant();
  const event = { type: 'a.b', data: { n: 1 } };
  const of = (answer: Answer) => answer.body.id as string;
  const ids = new Set<string>();
  for (const key of ['k', 'k/0']) ids.add(of(await post(tenant, event, key)));
  for (const key of ['k', 'k/0']) {
    const path = `/v1/tenants/${tenant}/events/batch`;
    const answer = await rig.call('POST', path, { events: [event] }, { 'idempotency-key': key });
    expect(answer.status).toBe(202);
    ids.add(answer.body.results[0].id as string);
  }
  const workflowId = `k-${tenant}`;
  ids.add(of(await post(tenant, event, workflowId)));
  const start = (data: object) =>
    rig.temporal.workflow.execute('publishEvent', {
      taskQueue: rig.config.taskQueue,
      workflowId,
      args: [{ tenant, type: 'a.b', data }],
    });
  ids.add(((await start(event.data)) as { id: string }).id);
  expect(ids.size).toBe(6);
  // Started again with another event: said in words of workflows.
  const refused = (await start({ n: 2 }).catch((error: unknown) => error)) as { cause: Error };
  expect(refused.cause.message).toMatch(/workflow_id: .* a new event needs a new workflow id/);
});
