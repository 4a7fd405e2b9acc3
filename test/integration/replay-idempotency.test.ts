/** A request for a replay that is sent again begins no second one. */
import { expect, it } from 'vitest';
import { startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const since = new Date(Date.now() - 60_000).toISOString();

/** An endpoint with one delivery that has failed for good. */
async function failing() {
  const tenant = newTenant();
  const path = `/${tenant}`;
  rig.receiver.answerAt(path, 500);
  const endpoint = await rig.endpoint(tenant, path, { max_retries: 0 });
  const [id] = (await rig.publish(tenant)).delivery_ids;
  await rig.settled(tenant, id!, 'failed');
  rig.receiver.answerAt(path, 200);
  const base = `/v1/tenants/${tenant}/replays`;
  return {
    ...{ tenant, path, endpoint },
    begin: (body: object = {}, key = 'key', app: Pick<TestPosthorn, 'call'> = rig) =>
      app.call('POST', base, { endpoint_id: endpoint.id, since, ...body }, { 'idempotency-key': key }),
    all: async (): Promise<Json[]> => (await rig.call('GET', base)).body.data,
    ended: (replay: string) =>
      until(
        () => rig.call('GET', `${base}/${replay}`),
        ({ body }) => body.completed_at !== null,
      ),
  };
}

it('is answered with the one that was begun, while it goes on, after it, and after its endpoint', async () => {
  const { tenant, path, endpoint, begin, all, ended } = await failing();
  // A dry run uses no key.
  expect((await begin({ dry_run: true })).status).toBe(200);
  const first = await begin();
  expect(first.status).toBe(202);
  const { id } = first.body;
  // Defaults that are said make no difference.
  expect(await begin({ kind: 'failed', statuses: ['failed'] })).toMatchObject({ status: 202, body: { id } });
  await ended(id);
  expect(await begin()).toMatchObject({ status: 202, body: { id, status: 'completed', succeeded: 1 } });
  await rig.call('DELETE', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`);
  expect(await begin()).toMatchObject({ status: 202, body: { id } });
  expect(await all()).toHaveLength(1);
  expect(rig.receiver.at(path)).toHaveLength(2);
});

it('begins one when several come at once', async () => {
  const { begin, all } = await failing();
  const answers = await Promise.all(Array.from({ length: 8 }, () => begin({ per_second: 0.01 })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(await all()).toHaveLength(1);
});

it('is refused when it is another request, and is another one for another tenant', async () => {
  const { begin, all } = await failing();
  await begin({ per_second: 0.01 });
  for (const other of [{}, { per_second: 5 }, { kind: 'all' }, { event_types: ['a.b'] }, { until: since }])
    expectProblem(await begin({ per_second: 0.01, ...other, since: '2026-01-01' }), 422, 'Idempotency-Key');
  expectProblem(await begin({ per_second: 5 }), 422, 'Idempotency-Key');
  expectProblem(await begin({}, 'no key'), 422, 'Idempotency-Key');
  expect((await begin({}, 'another')).status).toBe(409);
  expect(await all()).toHaveLength(1);
  const elsewhere = await failing();
  expect((await elsewhere.begin({ per_second: 0.01 })).status).toBe(202);
});

it('sets it going when whoever began it could not', async () => {
  const { begin } = await failing();
  const { taskQueue } = rig.config;
  const env = { POSTHORN_TASK_QUEUE: taskQueue, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const alone = await startTestPosthorn(env, rig.databaseUrl);
  const first = await begin({ per_second: 0.01 }, 'key', alone).finally(() => alone.stop());
  const { id, workflow_id: workflowId } = first.body;
  const workflow = rig.temporal.workflow.getHandle(workflowId);
  await expect(workflow.describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  expect(await begin({ per_second: 0.01 })).toMatchObject({ status: 202, body: { id } });
  expect((await workflow.describe()).status.name).toBe('RUNNING');
});
