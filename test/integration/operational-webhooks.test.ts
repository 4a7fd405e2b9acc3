/** What Posthorn tells about itself, as events of the tenant "posthorn". */
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { publishEvent } from '../../workflows/publish-event.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const OPS = '/v1/tenants/posthorn';

/** All that came to the path about a tenant, in order. */
const toldAt = (path: string, tenant: string): { type: string; data: Json }[] =>
  rig.receiver
    .at(path)
    .map(({ body }) => JSON.parse(body) as { type: string; data: Json })
    .filter(({ data }) => data.tenant_id === tenant);
const came = (path: string, tenant: string, type: string) =>
  until(
    () => toldAt(path, tenant),
    (all) => all.some((one) => one.type === type),
  );

it('while nobody wants it, nothing is written, and nothing comes later', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/x', { name: 'early' });
  await rig.deliver(500, 'failed', { max_retries: 0 });
  const [news] = await rig.sql(`SELECT last_value, is_called FROM news_position_seq`);
  expect(news).toMatchObject({ is_called: false });
  await rig.endpoint('posthorn', '/none', { events: ['replay.completed'] });
  await rig.endpoint(tenant, '/x');
  expect((await rig.sql(`SELECT is_called FROM news_position_seq`))[0]).toMatchObject({ is_called: false });
});

it('the life of an endpoint is told, signed as standard, without secrets and payloads', async () => {
  const tenant = newTenant();
  const ops = await rig.endpoint('posthorn', '/ops');
  rig.receiver.answerAt(`/${tenant}`, 500);
  const { id } = await rig.endpoint(tenant, `/${tenant}?key=url-secret`, {
    max_retries: 0,
    secret: 'whsec_dGhpcyBpcyBhIHNlY3JldCBvZiBzb21lYm9keQ==',
    headers: { 'X-Token': 'header-secret' },
  });
  const path = `/v1/tenants/${tenant}/endpoints/${id}`;
  const { delivery_ids: ids, id: eventId } = await rig.publish(tenant, { data: { card: 'payload-secret' } });
  await came('/ops', tenant, 'delivery.exhausted');
  await rig.call('PATCH', path, { name: 'changed', headers: { 'X-Token': 'header-secret-2' } });
  await rig.call('POST', `${path}/secret/rotate`, {});
  await rig.call('POST', `${path}/disable`);
  await rig.call('POST', `${path}/enable`);
  await rig.call('DELETE', path);
  await came('/ops', tenant, 'endpoint.deleted');
  const all = await until(
    () => toldAt('/ops', tenant),
    (told) => told.length === 7,
  );
  const about = { tenant_id: tenant, endpoint_id: id, url_host: new URL(rig.receiver.url).host };
  const of = (type: string) => all.filter((one) => one.type === type).map(({ data }) => data);
  expect(of('delivery.exhausted')).toEqual([
    {
      ...about,
      ...{ delivery_id: ids[0], event_id: eventId, event_type: 'a.b', attempts: 1, last_status_code: 500 },
      last_error: { class: 'http', message: 'HTTP 500' },
    },
  ]);
  expect(of('endpoint.created')).toEqual([{ ...about, enabled: true, reason: null, changed: [] }]);
  expect(of('endpoint.updated').map(({ changed }) => changed)).toEqual(
    expect.arrayContaining([['name', 'headers'], ['secret'], ['enabled']]),
  );
  expect(of('endpoint.disabled')).toEqual([
    { ...about, enabled: false, reason: 'manual', changed: ['enabled'] },
  ]);
  expect(of('endpoint.deleted')).toHaveLength(1);
  for (const { body, headers } of rig.receiver.at('/ops')) {
    expect(body).not.toMatch(/url-secret|header-secret|payload-secret|whsec_/);
    new Webhook(ops.secret as string).verify(body, headers as Record<string, string>);
  }
});

it('its own failures are not told', async () => {
  rig.receiver.answerAt('/broken', 500);
  const broken = await rig.endpoint('posthorn', '/broken', { events: ['endpoint.created'], max_retries: 0 });
  await rig.endpoint('posthorn', '/watching');
  const tenant = newTenant();
  await rig.endpoint(tenant, '/x');
  await came('/watching', tenant, 'endpoint.created');
  await until(
    async () => (await rig.call('GET', `${OPS}/deliveries?endpoint_id=${broken.id}&status=failed`)).body.data,
    (failed) => failed.length === 1,
  );
  await rig.endpoint(tenant, '/y');
  await until(
    () => toldAt('/watching', tenant),
    (all) => all.length === 2,
  );
  expect(toldAt('/watching', 'posthorn')).toEqual([]);
});

it('published again after a crash it is the same event', async () => {
  const tenant = newTenant();
  const { id: endpoint } = await rig.endpoint('posthorn', '/twice', { events: ['endpoint.created'] });
  await rig.endpoint(tenant, '/x');
  await came('/twice', tenant, 'endpoint.created');
  await until(
    () => rig.sql('SELECT 1 FROM news'),
    (rows) => rows.length === 0,
  );
  const { body } = await rig.call('GET', `${OPS}/events?type=endpoint.created&limit=1`);
  const { id, type } = body.data[0];
  await rig.sql(`INSERT INTO news (id, type, data) VALUES ($1, $2, '{}')`, id, type);
  await until(
    () => rig.sql('SELECT 1 FROM news'),
    (rows) => rows.length === 0,
  );
  const { body: list } = await rig.call('GET', `${OPS}/deliveries?endpoint_id=${endpoint}`);
  expect(list.data).toHaveLength(1);
});

it('a paused endpoint gets what was told meanwhile when it is enabled', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint('posthorn', '/paused', { events: ['endpoint.*'], enabled: false });
  await rig.endpoint(tenant, '/x');
  await until(
    async () => (await rig.call('GET', `${OPS}/deliveries?endpoint_id=${id}&status=held`)).body.data,
    (held) => held.length === 1,
  );
  await rig.call('POST', `${OPS}/endpoints/${id}/enable`);
  await came('/paused', tenant, 'endpoint.created');
});

it('nobody else publishes there, by any way; what is published is in the catalogue, with examples for tests', async () => {
  const event = { type: 'endpoint.created', data: {} };
  expectProblem(await rig.call('POST', `${OPS}/events`, event), 422, 'tenant');
  expectProblem(await rig.call('POST', `${OPS}/events/batch`, { events: [event] }), 422, 'tenant');
  const { taskQueue } = rig.config;
  const workflow = rig.temporal.workflow.execute(publishEvent, {
    taskQueue,
    workflowId: `${taskQueue}-reserved`,
    args: [{ tenant: 'posthorn', ...event }],
  });
  await expect(workflow).rejects.toMatchObject({ cause: { type: 'InvalidEvent' } });

  const { body } = await rig.call('GET', '/v1/event-types?limit=200');
  const ours = body.data.filter((one: Json) => one.tenant === 'posthorn').map(({ name }: Json) => name);
  expect(ours).toEqual([
    'delivery.exhausted',
    ...['created', 'deleted', 'disabled', 'failing', 'recovered', 'updated'].map(
      (word) => `endpoint.${word}`,
    ),
    'replay.completed',
  ]);
  const { id } = await rig.endpoint('posthorn', '/test', { events: ['endpoint.disabled'] });
  await rig.call('POST', `${OPS}/endpoints/${id}/test`);
  const [test] = await rig.calls('/test', 1);
  expect(JSON.parse(test!.body)).toMatchObject({ type: 'endpoint.disabled', data: { reason: 'failing' } });
});
