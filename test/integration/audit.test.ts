/** The audit log: who changed what, before and after, and never a secret. */
import { expect, it } from 'vitest';
import { createRetentionActivities } from '../../activities/retention.ts';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPool } from '../../src/store/pool.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig({ POSTHORN_ENCRYPTION_KEYS: 'a-key-for-tests-0123456789abcdef' });
const audit = async (path: string): Promise<Json[]> => {
  const answer = await rig.call('GET', path);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data;
};
const ofTenant = (tenant: string, query = '') => audit(`/v1/tenants/${tenant}/audit${query}`);

it('has every change of an endpoint, with what was before and after, and names what is sealed', async () => {
  const tenant = newTenant();
  const { id, secret } = await rig.endpoint(tenant, '/a', { name: 'one', headers: { 'X-Key': 'k-8f1b2c' } });
  const path = `/v1/tenants/${tenant}/endpoints/${id}`;
  await rig.call('PATCH', path, { name: 'two', auth: { type: 'bearer', token: 'tok-77aa31' } });
  await rig.call('POST', `${path}/disable`);
  await rig.call('POST', `${path}/enable`);
  const rotated = (await rig.call('POST', `${path}/secret/rotate`)).body;
  await rig.call('DELETE', path);

  const log = (await ofTenant(tenant)).reverse();
  expect(log.map(({ action }) => action)).toEqual([
    'endpoint.created',
    'endpoint.updated',
    'endpoint.disabled',
    'endpoint.enabled',
    'endpoint.secret_rotated',
    'endpoint.deleted',
  ]);
  const [created, updated, disabled, enabled, rotation] = log as [Json, Json, Json, Json, Json];
  expect(created).toMatchObject({
    subject_id: id,
    actor: { kind: 'root', id: null, name: null },
    before: null,
    after: { name: 'one', url: `${rig.receiver.url}/a`, enabled: true },
  });
  expect(created.sealed).toEqual(expect.arrayContaining(['secret', 'headers']));
  expect(updated).toMatchObject({ before: { name: 'one' }, after: { name: 'two' }, sealed: ['auth'] });
  expect(disabled).toMatchObject({
    before: { enabled: true, disabled_reason: null },
    after: { enabled: false, disabled_reason: 'manual' },
  });
  expect(enabled.after).toMatchObject({ enabled: true });
  expect(rotation.sealed).toEqual(expect.arrayContaining(['secret', 'previous_secrets']));
  const text = JSON.stringify(log) + JSON.stringify(await rig.sql('SELECT * FROM audit_log'));
  for (const planted of [secret, rotated.secret, 'k-8f1b2c', 'tok-77aa31'])
    expect(text).not.toContain(planted);
});

it('says who asked: a key, a token and its subject, or nobody', async () => {
  const tenant = newTenant();
  const key = (await rig.call('POST', '/v1/keys', { name: 'backend', scopes: ['manage'] })).body;
  const token = (
    await rig.call('POST', `/v1/tenants/${tenant}/tokens`, { capability: 'manage', subject: 'ada' })
  ).body;
  const as = (credential: string, name: string) =>
    rig.call(
      'POST',
      `/v1/tenants/${tenant}/endpoints`,
      { url: `${rig.receiver.url}/${tenant}`, name },
      { authorization: `Bearer ${credential}` },
    );
  await as(key.key, 'by key');
  const { id } = (await as(token.token, 'by token')).body;
  const log = (await ofTenant(tenant, '?action=endpoint.created,token.issued')).reverse();
  expect(log.map(({ actor }) => actor)).toEqual([
    { kind: 'root', id: null, name: null },
    { kind: 'key', id: key.id, name: 'backend' },
    { kind: 'token', id: token.id, name: 'ada' },
  ]);
  expect(log[0].after).toMatchObject({ capability: 'manage', subject: 'ada' });
  expect(await ofTenant(tenant, `?actor_id=${key.id}`)).toHaveLength(1);
  // Gone by itself.
  rig.receiver.answerAt(`/${tenant}`, 410);
  await rig.publish(tenant);
  await expect
    .poll(() => ofTenant(tenant, `?subject_id=${id}&action=endpoint.disabled`))
    .toMatchObject([{ actor: { kind: 'system' }, after: { enabled: false, disabled_reason: 'gone' } }]);
  const about = await audit('/v1/audit?action=key.created');
  expect(about[0]).toMatchObject({ subject_id: key.id, after: { name: 'backend', scopes: ['manage'] } });
  expect(JSON.stringify(about)).not.toContain(key.key);
});

it('has what people ask of deliveries, tenants, tokens, keys and event types', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, 500);
  await rig.endpoint(tenant, `/${tenant}`, { retry_schedule_seconds: [3600] });
  const [id] = (await rig.publish(tenant)).delivery_ids;
  await rig.settled(tenant, id!, 'retrying');
  const base = `/v1/tenants/${tenant}`;
  await rig.call('POST', `${base}/deliveries/${id}/retry`);
  await rig.call('POST', `${base}/deliveries/${id}/cancel`);
  await rig.call('PUT', base, { name: 'Acme' });
  await rig.call('DELETE', `${base}/tokens`);
  const log = (await ofTenant(tenant)).reverse();
  expect(log.map(({ action, subject_id: subject }) => [action, subject])).toEqual([
    ['endpoint.created', expect.any(String)],
    ['delivery.retried', id],
    ['delivery.cancelled', id],
    ['tenant.updated', tenant],
    ['token.revoked', tenant],
  ]);
  expect(log[3]).toMatchObject({ before: { name: null }, after: { name: 'Acme' } });
  const type = `audit.${tenant}`;
  await rig.call('PUT', `/v1/event-types/${type}`, { description: 'one' });
  await rig.call('PUT', `/v1/event-types/${type}`, { description: 'two' });
  await rig.call('PUT', `/v1/event-types/${type}`, { description: 'two', schema: { type: 'object' } });
  await rig.call('DELETE', `/v1/event-types/${type}`);
  const [deleted, third, second, first] = await audit(`/v1/audit?subject_id=${type}`);
  expect(first).toMatchObject({ action: 'event_type.changed', before: null, after: { description: 'one' } });
  expect(second).toMatchObject({ before: { description: 'one' }, after: { description: 'two' } });
  const schema = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
  expect(third).toMatchObject({ before: { schema: null }, after: { schema } });
  expect(deleted).toMatchObject({ action: 'event_type.deleted' });
  await rig.call('DELETE', base);
  expect((await audit(`/v1/audit?subject_id=${tenant}`))[0]).toMatchObject({ action: 'tenant.deleted' });
});

it('a change that is refused leaves no trace in it', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/a');
  expectProblem(await rig.call('POST', `/v1/tenants/${tenant}/endpoints`, { url: 'x' }), 422, 'url');
  expectProblem(await rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/ep_0`, { name: 'x' }), 404);
  expect(await ofTenant(tenant)).toHaveLength(1);
});

it('what cannot be entered in it does not happen: of replays and deliveries, too', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, 500);
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, { retry_schedule_seconds: [3600] });
  const [id] = (await rig.publish(tenant)).delivery_ids;
  await rig.settled(tenant, id!, 'retrying');
  const base = `/v1/tenants/${tenant}`;
  const wanted = { endpoint_id: endpoint.id, since: new Date(Date.now() - 60_000) };
  const { id: replayId } = (await rig.call('POST', `${base}/replays`, wanted)).body;
  await rig.call('POST', `${base}/replays/${replayId}/pause`);
  await rig.sql('ALTER TABLE audit_log RENAME TO audit_log_away');
  try {
    for (const order of [
      `replays/${replayId}/resume`,
      `replays/${replayId}/cancel`,
      `deliveries/${id}/cancel`,
    ])
      expect((await rig.call('POST', `${base}/${order}`)).status).toBeGreaterThanOrEqual(500);
  } finally {
    await rig.sql('ALTER TABLE audit_log_away RENAME TO audit_log');
  }
  expect((await rig.call('GET', `${base}/replays/${replayId}`)).body.status).toBe('paused');
  expect((await rig.delivery(tenant, id!)).status).toBe('retrying');
});

it('pages, filters by time, and goes after its own retention', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/a');
  for (const name of ['b', 'c', 'd'])
    await rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/${id}`, { name });
  const first = (await rig.call('GET', `/v1/tenants/${tenant}/audit?limit=3`)).body;
  expect(first.data.map(({ after }: Json) => after.name)).toEqual(['d', 'c', 'b']);
  const rest = await ofTenant(tenant, `?limit=3&cursor=${first.next_cursor}`);
  expect(rest.map(({ action }) => action)).toEqual(['endpoint.created']);
  expect(await ofTenant(tenant, `?until=${new Date(Date.now() - 60_000).toISOString()}`)).toEqual([]);
  expectProblem(await rig.call('GET', `/v1/tenants/${tenant}/audit?action=coffee.made`), 422, 'action');
  const db = createPool(rig.databaseUrl, 1);
  const aYearOn = () => Date.now() + 366 * 24 * 3_600_000;
  const days = { retentionDays: 3_000, payloadRetentionDays: null, auditRetentionDays: 365 };
  const { endKept } = createRetentionActivities({ db, ...days, now: aYearOn });
  const ended: { audit: number } = await new MockActivityEnvironment().run(endKept);
  expect(ended.audit).toBeGreaterThanOrEqual(4);
  await db.end();
  expect(await ofTenant(tenant)).toEqual([]);
});

it('a change that changes nothing is in it not at all, nor told to anybody', async () => {
  const tenant = newTenant();
  const settings = {
    ...{ name: 'one', metadata: { b: '1', a: '2' }, events: ['a.*'], notify_emails: ['a@b.test'] },
    ...{ headers: { 'X-Key': 'k' }, auth: { type: 'bearer', token: 'tok' }, retry_schedule_seconds: [1, 2] },
    ...{ rate_limit: { per_second: 5, burst: 10 }, template: { preset: 'slack' } },
  };
  const made = await rig.endpoint(tenant, '/a', settings);
  const base = `/v1/tenants/${tenant}`;
  const path = `${base}/endpoints/${made.id}`;
  const before = (await rig.call('GET', path)).body;
  for (const patch of [settings, { url: before.url }, { enabled: true }, {}])
    expect((await rig.call('PATCH', path, patch)).body).toMatchObject({ updated_at: before.updated_at });
  await rig.call('POST', `${path}/enable`);
  await rig.call('POST', `${path}/enable`, { held: 'discard' });
  expect((await rig.call('GET', path)).body).toEqual(before);
  await rig.call('POST', `${path}/disable`);
  await rig.call('POST', `${path}/disable`);
  for (let n = 0; n < 2; n += 1) await rig.call('PUT', base, { name: 'Acme' });
  const log = (await ofTenant(tenant)).reverse();
  expect(log.map(({ action }) => action)).toEqual([
    'endpoint.created',
    'endpoint.disabled',
    'tenant.updated',
  ]);
  const { id } = (await rig.call('POST', '/v1/keys', { name: 'k', scopes: ['read'] })).body;
  for (let n = 0; n < 2; n += 1) await rig.call('PATCH', `/v1/keys/${id}`, { name: 'other' });
  for (let n = 0; n < 2; n += 1) await rig.call('DELETE', `/v1/keys/${id}`);
  const ofKey = await audit(`/v1/audit?subject_id=${id}`);
  expect(ofKey.map(({ action }) => action)).toEqual(['key.revoked', 'key.changed', 'key.created']);
  const type = `same.${tenant}`;
  for (const schema of [{}, {}, { type: 'object' }])
    await rig.call('PUT', `/v1/event-types/${type}`, { description: 'one', schema });
  expect(await audit(`/v1/audit?subject_id=${type}`)).toHaveLength(2);
});

it('says once what becomes of what an endpoint holds', async () => {
  for (const [how, says] of [
    [{}, { held: 'deliver' }],
    [{ per_second: 5 }, { held: 'deliver', per_second: 5, release: 'deliver' }],
    [{ held: 'discard' }, { held: 'discard' }],
  ]) {
    const tenant = newTenant();
    const { id } = await rig.endpoint(tenant, '/a');
    const path = `/v1/tenants/${tenant}/endpoints/${id}`;
    await rig.call('POST', `${path}/disable`);
    const [held] = (await rig.publish(tenant)).delivery_ids;
    await rig.settled(tenant, held!, 'held');
    await rig.call('POST', `${path}/enable`, how);
    const log = await ofTenant(tenant);
    expect(log.map(({ action }) => action)).toEqual([
      'endpoint.enabled',
      'endpoint.disabled',
      'endpoint.created',
    ]);
    expect(log[0].after).toEqual({ enabled: true, disabled_reason: null, ...says });
  }
});
