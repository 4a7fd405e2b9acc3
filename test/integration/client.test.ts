/** The client against a Posthorn: what people do with it, from the first endpoint to a replay. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createClient, PosthornApiError, type Replay } from '../../src/sdk/client/index.ts';
import { blocksOf, root } from '../support/doc-commands.ts';
import { checkConformance } from '../support/conformance.ts';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

/** Whatever it asks for, and is answered, is as the document says. */
const checked: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const text = await response.clone().text();
  const contentType = response.headers.get('content-type');
  checkConformance({
    method: init!.method!,
    url: input as string,
    requestBody: init!.body as string | undefined,
    status: response.status,
    contentType,
    body: text === '' ? null : contentType!.includes('json') ? JSON.parse(text) : text,
  });
  return response;
};
const clientOf = (tenant: string, apiKey = API_KEY) =>
  createClient({ baseUrl: rig.url, apiKey, tenant, fetch: checked });

it('makes an endpoint, publishes to it and sees what became of it', async () => {
  const client = clientOf(newTenant());
  const made = await client.endpoints.create({ url: `${rig.receiver.url}/client`, name: 'CRM' });
  expect(made.secret).toMatch(/^whsec_/);
  expect(await client.endpoints.update(made.id, { events: ['order.*'] })).toMatchObject({
    events: ['order.*'],
  });
  const { id, delivery_ids } = await client.publish({ type: 'order.paid', data: { order: 7 } });
  expect(delivery_ids.length).toBe(1);
  const delivery = await until(
    () => client.deliveries.get(delivery_ids[0]!),
    ({ status }) => status === 'succeeded',
  );
  expect(delivery.attempts).toMatchObject([{ number: 1, status_code: 200 }]);
  expect((await client.events.get(id)).data).toEqual({ order: 7 });
  expect((await client.deliveries.history(delivery.id)).delivery_id).toBe(delivery.id);
  const attempts = await client.attempts.list({ endpoint_id: made.id, status_code: ['2xx'] }).page();
  expect(attempts.data.map(({ delivery_id }) => delivery_id)).toEqual([delivery.id]);
  expect(await client.endpoints.test(made.id, { wait: true })).toMatchObject({
    attempt: { status_code: 200 },
  });
  await client.deliveries.retry(delivery.id);
  const rotated = await client.endpoints.rotateSecret(made.id, { grace_seconds: 60 });
  expect(rotated.secret).not.toBe(made.secret);
  expect((await client.endpoints.disable(made.id)).enabled).toBe(false);
  expect((await client.endpoints.enable(made.id)).enabled).toBe(true);
  expect(await client.endpoints.delete(made.id)).toBeUndefined();
  const actions = [];
  for await (const { action } of client.audit.list({ limit: 2 })) actions.push(action);
  expect(actions).toContain('endpoint.secret_rotated');
});

it('publishes once, however often it is told to with one key', async () => {
  const client = clientOf(newTenant());
  const event = { type: 'order.paid', data: { order: 8 } };
  const [first, again] = [
    await client.publish(event, { idempotencyKey: 'order-8' }),
    await client.publish(event, { idempotencyKey: 'order-8' }),
  ];
  expect(again).toEqual(first);
  const { results } = await client.publishBatch([event, { type: 'Not a type', data: {} }]);
  expect(results[1]).toMatchObject({
    error: { code: 'invalid_request', errors: [{ path: 'events[1].type' }] },
  });
  const ids = [];
  for await (const { id } of client.events.list({ limit: 1 })) ids.push(id);
  expect(ids.length).toBe(2);
});

it('replays, and waits until all of it has arrived', async () => {
  const client = clientOf(newTenant());
  const since = new Date(Date.now() - 60_000).toISOString();
  const { id } = await client.endpoints.create({ url: `${rig.receiver.url}/client-replay` });
  const { delivery_ids: ids } = await client.publish({ type: 'order.paid', data: {} });
  await until(
    () => client.deliveries.get(ids[0]!),
    ({ status }) => status === 'succeeded',
  );
  const asked = { endpoint_id: id, kind: 'all', since } as const;
  expect((await client.replays.create({ ...asked, dry_run: true })).total).toBe(1);
  const replay = await client.replays.create(asked);
  const seen: Replay[] = [];
  const ended = await client.replays.wait(replay.id, {
    pollSeconds: 0.1,
    onProgress: (now) => seen.push(now),
  });
  expect(ended).toMatchObject({ status: 'completed', total: 1, succeeded: 1 });
  expect(seen.at(-1)).toEqual(ended);
  await rig.calls('/client-replay', 2);
});

it('sees to keys, tokens, tenants and event types', async () => {
  const tenant = newTenant();
  const client = clientOf(tenant);
  await client.tenants.put(tenant, { name: 'Acme' });
  expect(await client.tenants.get(tenant)).toMatchObject({ id: tenant, name: 'Acme' });

  const key = await client.keys.create({ name: 'CI', scopes: ['publish'], tenant_id: tenant });
  const publisher = clientOf(tenant, key.key);
  await publisher.publish({ type: 'order.paid', data: {} });
  const refused = await publisher.keys
    .list()
    .page()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(PosthornApiError);
  expect(refused).toMatchObject({ status: 403, code: 'forbidden' });
  await client.keys.revoke(key.id);

  const { token } = await client.tokens.create({ capability: 'read', expires_in: 60 });
  const page = createClient({ baseUrl: rig.url, token: () => token, tenant, fetch: checked });
  expect((await page.events.list().page()).data.length).toBe(1);
  await client.tokens.revokeAll();

  await client.eventTypes.put('order.paid', { description: 'Paid.', schema: { type: 'object' } });
  expect((await client.eventTypes.get('order.paid')).description).toBe('Paid.');
  await client.eventTypes.delete('order.paid');
  expect((await client.stats({ interval: 'day' })).total.attempts).toBe(0);
  expect((await client.stats({ by: 'endpoint' })).data).toEqual([]);
  expect(await client.tenants.delete(tenant)).toMatchObject({ id: tenant });
});

it('tells of the deployment', async () => {
  const client = clientOf(newTenant());
  expect(await client.health()).toEqual({ status: 'ok' });
  expect(await client.readiness()).toMatchObject({ postgres: true, temporal: true });
  expect(await client.metrics()).toContain('posthorn_');
  expect(await client.egressIps()).toEqual([]);
  expect(await client.openApi()).toMatchObject({ openapi: '3.1.0' });
});

it('does what docs/client.md says', async () => {
  const program = blocksOf('docs/client.md', ['js'])
    .map((block) => block.text)
    .join('\n');
  const env = {
    ...process.env,
    POSTHORN_URL: rig.url,
    POSTHORN_API_KEY: API_KEY,
    RECEIVER_URL: `${rig.receiver.url}/client-docs`,
  };
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    ...{ cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  const closed = new Promise((done) => child.once('close', done));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(await closed, errors).toBe(0);
  expect(output).toMatch(/^whsec_/);
  expect(output).toMatch(/^422 invalid_request/m);
  expect(output).toMatch(/has upper-case letters/);
  expect(output).toMatch(/^completed \d$/m);
});
