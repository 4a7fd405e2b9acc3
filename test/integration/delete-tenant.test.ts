/** DELETE of a tenant: what goes at once, what follows, and what stays. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { createDeleteTenantActivities } from '../../activities/delete-tenant.ts';
import { foldStats } from '../../src/store/fold-stats.ts';
import type { Listener } from '../../src/store/listener.ts';
import { createPool } from '../../src/store/pool.ts';
import { createTenantStore } from '../../src/store/tenants.ts';
import { tenantDeletion } from '../../src/temporal/names.ts';
import { deleteTenant } from '../../workflows/delete-tenant.ts';
import { retention } from '../../workflows/retention.ts';
import { startTestPosthorn } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig({ WORKFLOW_STARTS_PER_SECOND: '1' });
const path = (tenant: string): string => `/v1/tenants/${tenant}`;

/** Rows of the tenant in whatever table has rows of tenants. */
async function rowsOf(tenant: string): Promise<Record<string, number>> {
  const tables = await rig.sql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
      WHERE column_name = 'tenant_id' AND table_schema = 'public'
        AND table_name NOT IN (SELECT inhrelid::regclass::text FROM pg_inherits) ORDER BY 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await rig.sql(`SELECT count(*)::int AS n FROM ${name} WHERE tenant_id = $1`, tenant);
    counts[name] = row.n;
  }
  return counts;
}
const total = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** Something in every table: delivered, waiting for its next attempt, held, replayed, with ids of its own. */
async function furnish(tenant: string): Promise<string[]> {
  rig.receiver.answerAt(`/${tenant}-bad`, 500);
  const good = await rig.endpoint(tenant, `/${tenant}`, { rate_limit: { per_second: 1_000 } });
  await rig.endpoint(tenant, `/${tenant}-bad`, { retry_schedule_seconds: [3600] });
  const off = await rig.endpoint(tenant, `/${tenant}-off`, { enabled: false });
  await rig.call('POST', '/v1/keys', { name: 'theirs', scopes: ['read'], tenant_id: tenant });
  const events = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => rig.publish(tenant, { id: `own-${tenant}-${n}` })),
  );
  const ids = events.flatMap((event) => event.delivery_ids);
  await rig.sql(
    `INSERT INTO notices (tenant_id, id, endpoint_id, kind) VALUES ($1, 'ntc_1', $1, 'endpoint.failing')`,
    tenant,
  );
  // It has begun to fail, and is in failing_endpoints.
  await settled(ids);
  const db = createPool(rig.databaseUrl, 1);
  await foldStats(db);
  await db.end();
  // Neither comes to anything before long.
  await rig.call('POST', `${path(tenant)}/endpoints/${off.id}/enable`, { per_second: 0.01 });
  const replay = { endpoint_id: good.id, kind: 'all', since: '2026-01-01', per_second: 0.01 };
  await rig.call('POST', `${path(tenant)}/replays`, replay);
  const ordered = { ordering: 'fifo', environments: ['staging'], enabled: false };
  await rig.endpoint(tenant, `/${tenant}-lane`, ordered);
  await rig.publish(tenant, { environment: 'staging' });
  return ids;
}

/** Each event has been delivered to one endpoint, and waits in a workflow for another attempt at another. */
async function settled(ids: string[]): Promise<void> {
  await until(
    () => rig.sql(`SELECT status, workflow_id FROM deliveries WHERE id = ANY ($1) ORDER BY id`, ids),
    (rows) =>
      rows.filter(({ status }) => status === 'succeeded').length === ids.length / 3 &&
      rows.filter(({ status, workflow_id: carrier }) => status === 'retrying' && carrier).length ===
        ids.length / 3,
  );
  // A set is named before it is started.
  for (const { id } of await carriersOf(ids))
    await until(
      () => statusOf(id),
      (status) => status !== null,
    );
}

/** Publishes to both, together, until deliveries of both wait in the same workflow. */
async function share(tenant: string, other: string): Promise<void> {
  for (;;) {
    const events = await Promise.all([tenant, other].map((one) => rig.publish(one)));
    await settled(events.flatMap((event) => event.delivery_ids));
    const [shared] = await rig.sql(
      `SELECT workflow_id FROM deliveries WHERE status = 'retrying' AND tenant_id IN ($1, $2)
        GROUP BY 1 HAVING count(DISTINCT tenant_id) = 2 LIMIT 1`,
      tenant,
      other,
    );
    if (shared) return;
  }
}

const deliveriesOf = async (tenant: string): Promise<string[]> =>
  (await rig.sql<{ id: string }>('SELECT id FROM deliveries WHERE tenant_id = $1', tenant)).map(
    ({ id }) => id,
  );

const carriersOf = (ids: string[]) =>
  rig.sql<{ id: string }>(
    'SELECT DISTINCT workflow_id AS id FROM deliveries WHERE id = ANY ($1) AND workflow_id IS NOT NULL',
    ids,
  );

/** null: there is none, yet. */
async function statusOf(workflowId: string): Promise<string | null> {
  try {
    return (await rig.temporal.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

const finish = (tenantId: string) =>
  rig.temporal.workflow.execute(deleteTenant, {
    taskQueue: rig.config.taskQueue,
    workflowId: `finish-${tenantId}`,
    args: [{ tenantId, settleSeconds: 0 }],
  });

it('removes everything of it, in every table, and nothing of others; workflows of several tenants go on', async () => {
  const [tenant, other] = [newTenant(), newTenant()];
  await Promise.all([furnish(tenant), furnish(other)]);
  await share(tenant, other);
  const [ids, othersIds] = await Promise.all([deliveriesOf(tenant), deliveriesOf(other)]);
  const others = await rowsOf(other);
  for (const [table, count] of Object.entries(await rowsOf(tenant))) expect(count, table).toBeGreaterThan(0);
  const carriers = await carriersOf(ids);

  const answer = await rig.call('DELETE', path(tenant));
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({ id: tenant, name: null, deleting_since: expect.any(String) });
  // At once: whatever is secret, and whoever would be called.
  expect(await rowsOf(tenant)).toMatchObject({ endpoints: 0 });
  expect(await rig.call('GET', `${path(tenant)}/endpoints`)).toMatchObject({ body: { data: [] } });
  const event = { type: 'a.b', data: {} };
  for (const [method, url, body] of [
    ['POST', `${path(tenant)}/events`, event],
    ['POST', `${path(tenant)}/endpoints`, { url: `${rig.receiver.url}/x` }],
    ['PUT', path(tenant), { name: 'again' }],
  ] as const)
    expectProblem(await rig.call(method, url, body), 409);
  const batch = await rig.call('POST', `${path(tenant)}/events/batch`, { events: [event] });
  expect(batch.body.results).toMatchObject([{ error: { code: 'tenant_being_deleted' } }]);
  expect((await rig.call('DELETE', path(tenant))).status).toBe(202);

  await until(
    () => rowsOf(tenant),
    (counts) => total(counts) === 0,
  );
  const kept = await rig.sql<{ id: string }>(
    `SELECT DISTINCT workflow_id AS id FROM deliveries WHERE id = ANY ($1) AND status = 'retrying'`,
    othersIds,
  );
  expect(kept.filter(({ id }) => carriers.some((one) => one.id === id))).not.toEqual([]);
  for (const { id } of kept) expect(await statusOf(id)).toBe('RUNNING');
  for (const { id } of carriers.filter(({ id }) => !kept.some((one) => one.id === id)))
    await until(
      () => statusOf(id),
      (status) => status !== 'RUNNING',
    );

  expect((await rig.call('GET', path(tenant))).body.deleting_since).toBe(answer.body.deleting_since);
  // Killed half-way, it goes on wherever it is started again.
  await rig.temporal.workflow.getHandle(tenantDeletion(rig.config.taskQueue, tenant)).terminate();
  await finish(tenant);
  expect((await rig.call('GET', path(tenant))).status).toBe(404);
  expect((await rig.call('DELETE', path(tenant))).status).toBe(404);
  expect(await rowsOf(other)).toEqual(others);
  // The name is free again.
  await rig.publish(tenant);
  expect((await rig.call('GET', path(tenant))).body.deleting_since).toBeNull();
});

it('what is written while it is deleted goes, too; what comes after it does not', async () => {
  const tenant = newTenant();
  await furnish(tenant);
  await rig.sql('UPDATE tenants SET deleting_since = now() WHERE id = $1', tenant);
  const db = createPool(rig.databaseUrl, 1);
  const workflows = { signalCancel: () => Promise.reject(new Error('Temporal is away')) };
  const { deleteTenantRows, endTenant } = createDeleteTenantActivities({
    ...{ db, workflows },
    longWork: { wakeReplay: () => Promise.reject(new Error('Temporal is away')) },
  });
  const run = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run(work);
  expect(await run(() => deleteTenantRows({ tenantId: tenant }))).toBeGreaterThan(20);
  expect(total(await rowsOf(tenant))).toBe(0);
  await rig.sql(
    `INSERT INTO attempts SELECT $1, 'dlv_late', number, trigger, started_at, duration_ms, url, method, status_code,
      error_class, error_message, remark, retry_after_seconds, request_headers, response_headers, response_body,
      response_body_bytes, endpoint_id FROM attempts LIMIT 1`,
    tenant,
  );
  expect(await run(() => deleteTenantRows({ tenantId: tenant }))).toBe(1);
  await run(() => endTenant({ tenantId: tenant }));

  await rig.publish(tenant, { id: 'new' });
  // One that has been taken for dead and is not: its tenant is another one by now.
  expect(await run(() => deleteTenantRows({ tenantId: tenant }))).toBe(0);
  await run(() => endTenant({ tenantId: tenant }));
  expect((await rig.call('GET', `${path(tenant)}/events/new`)).status).toBe(200);
  await db.end();
});

it('the process that is asked for it takes nothing more at once, however late it hears of what it said itself', async () => {
  const db = createPool(rig.databaseUrl, 1);
  const deaf = { on: () => {}, onConnect: () => {}, connected: () => true } as unknown as Listener;
  const tenants = createTenantStore(db, deaf);
  const tenant = newTenant();
  await tenants.ensure(tenant);
  await tenants.beginEnd(tenant);
  await expect(tenants.ensure(tenant)).rejects.toMatchObject({ code: 'tenant_being_deleted' });
  await db.end();
});

it('no endpoint is made for it by a process that has not heard of its end', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/before');
  // As if the connection for notifications had fallen silent.
  await rig.sql('UPDATE tenants SET deleting_since = now() WHERE id = $1', tenant);
  const body = { url: `${rig.receiver.url}/after` };
  const refused = await rig.call('POST', `${path(tenant)}/endpoints`, body);
  expectProblem(refused, 409);
  expect(refused.body.code).toBe('tenant_being_deleted');
  const key = { 'idempotency-key': 'one' };
  const withKey = await rig.call('POST', `${path(tenant)}/endpoints`, body, key);
  expect(withKey.body.code).toBe('tenant_being_deleted');
  const [row] = await rig.sql('SELECT count(*)::int AS n FROM endpoints WHERE tenant_id = $1', tenant);
  expect(row.n).toBe(1);
});

it('another process that knew the tenant takes nothing for it either', async () => {
  const tenant = newTenant();
  const second = await startTestPosthorn(
    { POSTHORN_ROLE: 'api', POSTHORN_TASK_QUEUE: rig.config.taskQueue },
    rig.databaseUrl,
  );
  const publish = () => second.call('POST', `${path(tenant)}/events`, { type: 'a.b', data: {} });
  expect((await publish()).status).toBe(202);
  await rig.call('DELETE', path(tenant));
  const refused = await until(publish, ({ status }) => status !== 202);
  expectProblem(refused, 409);
  expect(refused.body.code).toBe('tenant_being_deleted');
  await second.stop();
});

it('a tenant that there is none of: 404', async () => {
  expectProblem(await rig.call('DELETE', path(newTenant())), 404);
});

it('begun while Temporal is away, it is gone on with by retention', async () => {
  const tenant = newTenant();
  await furnish(tenant);
  const away = await startTestPosthorn(
    { POSTHORN_ROLE: 'api', TEMPORAL_ADDRESS: '127.0.0.1:9', POSTHORN_TASK_QUEUE: rig.config.taskQueue },
    rig.databaseUrl,
  );
  away.posthorn.ready.catch(() => {});
  expect((await away.call('DELETE', path(tenant))).status).toBe(202);
  await away.stop();
  expect(await rowsOf(tenant)).toMatchObject({ endpoints: 0, deliveries: 16 });
  await rig.sql(`UPDATE tenants SET deleting_since = now() - interval '1 hour' WHERE id = $1`, tenant);
  const { taskQueue } = rig.config;
  await rig.temporal.workflow.execute(retention, { taskQueue, workflowId: `${taskQueue}-by-hand` });
  await until(
    () => rowsOf(tenant),
    (counts) => total(counts) === 0,
  );
});
