/** Endpoints that fail for long: told at half-time, disabled at the end, and what ends that. Days pass in the database. */
import { expect } from 'vitest';
import { probe } from '../../workflows/probe.ts';
import { it } from '../support/concurrent.ts';
import { startTestPosthorn } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig({ NOTIFY_WINDOW_SECONDS: '1' });

const base = (tenant: string) => `/v1/tenants/${tenant}`;
const endpointOf = async (tenant: string, id: string): Promise<Json> =>
  (await rig.call('GET', `${base(tenant)}/endpoints/${id}`)).body;
const told = async (tenant: string): Promise<[kind: string, reason: string | null][]> => {
  const { body } = await rig.call('GET', `${base(tenant)}/notifications`);
  return body.data.map(({ kind, reason }: Json) => [kind, reason]).reverse();
};
const toldOfEndpoint = async (tenant: string) =>
  (await told(tenant)).filter(([kind]) => kind.startsWith('endpoint.'));

/** So many days pass for an endpoint that fails. */
const pass = (id: string, days: number) =>
  rig.sql(
    `UPDATE failing_endpoints SET since = since - $2 * interval '1 day',
            last_failure_at = last_failure_at - $2 * interval '1 day', warned_at = warned_at - $2 * interval '1 day',
            next_step_at = next_step_at - $2 * interval '1 day'
      WHERE endpoint_id = $1`,
    id,
    days,
  );

async function failing(settings: object = {}) {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, 500);
  const { id } = await rig.endpoint(tenant, `/${tenant}`, { max_retries: 0, ...settings });
  /** One more attempt that fails, in the log. */
  const fail = async () => rig.settled(tenant, (await rig.publish(tenant)).delivery_ids[0]!, 'failed');
  return { tenant, id: id as string, fail };
}
const row = async (id: string): Promise<Json> =>
  (await rig.sql('SELECT * FROM failing_endpoints WHERE endpoint_id = $1', id))[0];

it('shows since when it fails; the first success ends that, and one that answers has never had a row', async () => {
  const { tenant, id, fail } = await failing();
  expect((await endpointOf(tenant, id)).failing_since).toBeNull();
  await fail();
  const since = (await endpointOf(tenant, id)).failing_since;
  expect(since).not.toBeNull();
  await fail();
  expect((await rig.call('GET', `${base(tenant)}/endpoints`)).body.data[0].failing_since).toBe(since);
  rig.receiver.answerAt(`/${tenant}`, 200);
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'succeeded');
  expect((await endpointOf(tenant, id)).failing_since).toBeNull();
  expect(await toldOfEndpoint(tenant)).toEqual([]);
});

it('is told of at half-time and disabled at the end, once, however many workers there are; what comes is held', async () => {
  const second = await startTestPosthorn({ POSTHORN_TASK_QUEUE: rig.config.taskQueue }, rig.databaseUrl);
  const { tenant, id, fail } = await failing({ disable_after_days: 4 });
  await fail();
  await pass(id, 1.9);
  await fail();
  expect(await row(id)).toMatchObject({ warned_at: null });
  await pass(id, 0.2);
  await fail();
  await until(
    () => toldOfEndpoint(tenant),
    (all) => all.length > 0,
  );
  expect(await toldOfEndpoint(tenant)).toEqual([['endpoint.failing', null]]);
  await pass(id, 1.5);
  await fail();
  expect(await endpointOf(tenant, id)).toMatchObject({ enabled: true });
  await pass(id, 0.6);
  await fail();
  await until(
    () => endpointOf(tenant, id),
    ({ enabled }) => enabled === false,
  );
  expect(await endpointOf(tenant, id)).toMatchObject({ disabled_reason: 'failing', failing_since: null });
  expect(await toldOfEndpoint(tenant)).toEqual([
    ['endpoint.failing', null],
    ['endpoint.disabled', 'failing'],
  ]);
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'held');
  // Enabled, it has all its days again, and gets what was held.
  rig.receiver.answerAt(`/${tenant}`, 200);
  await rig.call('POST', `${base(tenant)}/endpoints/${id}/enable`);
  await rig.settled(tenant, ids[0]!, 'succeeded');
  expect(await toldOfEndpoint(tenant)).toHaveLength(2);
  await second.stop();
});

it('with little traffic it is told before it is disabled, as long before as ever', async () => {
  const { tenant, id, fail } = await failing({ disable_after_days: 4 });
  await fail();
  await pass(id, 30);
  await fail();
  await until(
    () => toldOfEndpoint(tenant),
    (all) => all.length > 0,
  );
  await pass(id, 1.9);
  await fail();
  await pass(id, 0.001);
  expect(await endpointOf(tenant, id)).toMatchObject({ enabled: true });
  await pass(id, 0.2);
  await fail();
  await until(
    () => endpointOf(tenant, id),
    ({ enabled }) => enabled === false,
  );
});

it('null is never; a change counts from the next failure on', async () => {
  const { tenant, id, fail } = await failing({ disable_after_days: null });
  await fail();
  await pass(id, 300);
  await fail();
  expect(await row(id)).toMatchObject({ next_step_at: null });
  await rig.call('PATCH', `${base(tenant)}/endpoints/${id}`, { disable_after_days: 0.5 });
  await pass(id, 0.01);
  await fail();
  await until(
    () => toldOfEndpoint(tenant),
    (all) => all.length > 0,
  );
  expect(await endpointOf(tenant, id)).toMatchObject({ enabled: true, disable_after_days: 0.5 });
});

it('when it answers after its owner was told, that is told, too', async () => {
  const { tenant, id, fail } = await failing({ disable_after_days: 2 });
  await fail();
  await pass(id, 1.1);
  await fail();
  await until(
    () => toldOfEndpoint(tenant),
    (all) => all.length > 0,
  );
  rig.receiver.answerAt(`/${tenant}`, 204);
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'succeeded');
  expect(await toldOfEndpoint(tenant)).toEqual([
    ['endpoint.failing', null],
    ['endpoint.recovered', null],
  ]);
  expect(await row(id)).toBeUndefined();
});

it('somebody who enables it while it is about to be disabled is right', async () => {
  const { tenant, id, fail } = await failing({ disable_after_days: 2 });
  await fail();
  await rig.sql(
    `UPDATE failing_endpoints SET warned_at = now() - interval '3 days' WHERE endpoint_id = $1`,
    id,
  );
  await pass(id, 3);
  await rig.call('POST', `${base(tenant)}/endpoints/${id}/enable`);
  await fail();
  expect(await row(id)).toMatchObject({ warned_at: null });
  expect(await endpointOf(tenant, id)).toMatchObject({ enabled: true });
});

it('one that answers 410 is disabled as gone, and its people are told of that alone', async () => {
  const { tenant, id } = await failing();
  rig.receiver.answerAt(`/${tenant}`, 410);
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'failed');
  await until(
    () => told(tenant),
    (all) => all.length > 0,
  );
  expect(await told(tenant)).toEqual([['endpoint.disabled', 'gone']]);
  expect(await endpointOf(tenant, id)).toMatchObject({ enabled: false, disabled_reason: 'gone' });
});

it('days that are none are refused', async () => {
  const tenant = newTenant();
  const { url } = rig.receiver;
  for (const days of ['0', '-1', '366', '"5"', '1e400']) {
    const body = `{"url": "${url}", "disable_after_days": ${days}}`;
    const answer = await rig.call('POST', `${base(tenant)}/endpoints`, body);
    expect(answer.status, days).toBe(422);
    expectProblem(answer, 422, 'disable_after_days');
  }
  expectProblem(await rig.call('POST', `${base(tenant)}/endpoints`, { url, probe: 'yes' }), 422, 'probe');
});

/** Starts the workflow that probes as a worker would, but without its five minutes. */
const probeNow = (tenant: string, endpointId: string) =>
  rig.temporal.workflow.execute(probe, {
    taskQueue: rig.config.taskQueue,
    workflowId: `probe-${endpointId}`,
    args: [{ tenantId: tenant, endpointId, afterSeconds: 0.2 }],
  });
const disableAsFailing = (id: string) =>
  rig.sql(`UPDATE endpoints SET enabled = false, disabled_reason = 'failing' WHERE id = $1`, id);

it('one that wants to be probed is tried once at a time, and enabled when it answers', async () => {
  const { tenant, id } = await failing({ probe: true, retry_schedule_seconds: [1], max_retries: 5 });
  await disableAsFailing(id);
  const own = `${rig.config.taskQueue}-probe-${id}`;
  await until(
    () =>
      rig.temporal.workflow
        .getHandle(own)
        .describe()
        .catch(() => null),
    (found) => found?.status.name === 'RUNNING',
  );
  const { delivery_ids: held } = await rig.publish(tenant);
  await rig.settled(tenant, held[0]!, 'held');
  const probing = probeNow(tenant, id);
  await rig.calls(`/${tenant}`, 1);
  rig.receiver.answerAt(`/${tenant}`, 200);
  expect(await probing).toMatchObject({ end: 'answered' });
  await rig.settled(tenant, held[0]!, 'succeeded');
  const shown = await until(
    () => endpointOf(tenant, id),
    ({ enabled }) => enabled === true,
  );
  expect(shown).toMatchObject({ disabled_reason: null, probe: true });
  const { body } = await rig.call('GET', `${base(tenant)}/deliveries`);
  const probes = body.data.filter(({ trigger }: Json) => trigger === 'probe');
  expect(probes.length).toBeGreaterThan(1);
  for (const one of probes) expect(one).toMatchObject({ attempt_count: 1 });
  expect(probes.map(({ status }: Json) => status).sort()).toEqual(
    expect.arrayContaining(['failed', 'succeeded']),
  );
  expect(await toldOfEndpoint(tenant)).toEqual([['endpoint.recovered', 'probe']]);
  await rig.temporal.workflow.getHandle(own).terminate();
});

it('one that is disabled by hand, or wants no probes, is left alone', async () => {
  const { tenant, id } = await failing({ probe: true });
  await rig.call('POST', `${base(tenant)}/endpoints/${id}/disable`);
  expect(await probeNow(tenant, id)).toEqual({ end: 'over', made: 0 });
  const other = await failing();
  await disableAsFailing(other.id);
  expect(await probeNow(other.tenant, other.id)).toEqual({ end: 'over', made: 0 });
  expect(rig.receiver.at(`/${tenant}`)).toEqual([]);
});
