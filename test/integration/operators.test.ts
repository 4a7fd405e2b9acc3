/** What an operator finds in Temporal's Web UI, by the queries that it sends. */
import { beforeAll, describe, expect, it } from 'vitest';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const tenant = newTenant();
const ids: Record<string, string> = {};
const endpoints: Record<string, Json> = {};

async function found(query: string): Promise<string[]> {
  const workflows: string[] = [];
  for await (const one of rig.temporal.workflow.list({ query })) workflows.push(one.workflowId);
  return workflows.sort();
}
const finds = (query: string, ...names: string[]) =>
  until(
    () => found(query),
    (workflows) => JSON.stringify(workflows) === JSON.stringify(names.map((name) => ids[name]).sort()),
  );

beforeAll(async () => {
  for (const [name, answer, status, settings] of [
    ['good', 200, 'succeeded', {}],
    ['lost', 500, 'failed', { max_retries: 0 }],
    ['gone', 410, 'failed', {}],
    ['waiting', 503, 'retrying', { retry_schedule_seconds: [3600] }],
    ['cancelled', 503, 'retrying', { retry_schedule_seconds: [3600] }],
  ] as const) {
    rig.receiver.answerAt(`/${name}`, answer);
    endpoints[name] = await rig.endpoint(tenant, `/${name}`, { events: [`${name}.happened`], ...settings });
    ids[name] = (await rig.publish(tenant, { type: `${name}.happened` })).delivery_ids[0]!;
    await rig.settled(tenant, ids[name], status);
  }
  await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${ids.cancelled}/cancel`);
});

describe('an operator', () => {
  it('finds all failed deliveries of an endpoint', async () => {
    for (const name of ['lost', 'gone']) {
      await finds(`PosthornEndpoint = "${endpoints[name].id}" AND PosthornOutcome = "failed"`, name);
      await finds(`PosthornOutcome = "failed:${endpoints[name].id}"`, name);
    }
    await finds(`PosthornEndpoint = "${endpoints.good.id}" AND PosthornOutcome = "failed"`);
  });

  it('finds deliveries by tenant, event type, outcome and state', async () => {
    const ours = `PosthornTenant = "${tenant}"`;
    await finds(ours, 'good', 'lost', 'gone', 'waiting', 'cancelled');
    await finds(`${ours} AND PosthornEventType = "waiting.happened"`, 'waiting');
    await finds(`${ours} AND PosthornOutcome = "succeeded"`, 'good');
    await finds(`${ours} AND PosthornOutcome = "cancelled"`, 'cancelled');
    await finds(`${ours} AND ExecutionStatus = "Running"`, 'waiting');
  });

  it('reads in the list what a workflow delivers, and in it what happened last and comes next', async () => {
    const description = await rig.temporal.workflow.getHandle(ids.waiting!).describe();
    expect(await description.staticSummary()).toBe(`waiting.happened → ${endpoints.waiting.id}`);
    const details = await description.staticDetails();
    for (const text of [ids.waiting!, 'waiting.happened', tenant]) expect(details).toContain(text);
    const next = (await rig.delivery(tenant, ids.waiting!)).next_attempt_at;
    const { currentDetails } = await rig.temporal.workflow
      .getHandle(ids.waiting!)
      .query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('HTTP 503');
    expect(currentDetails).toContain(next);
  });
});
