/** What an operator finds in Temporal's Web UI, by the queries that it sends. */
import type { WorkflowFailedError } from '@temporalio/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { newTenant, rawHistory, useRig, type Json } from '../support/rig.ts';
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
    const own = { name: `Endpoint ${name}`, events: [`${name}.happened`], ...settings };
    // No secret in an address reaches Temporal.
    endpoints[name] = await rig.endpoint(tenant, `/${name}?token=confidential`, own);
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

  it('sees what failed for good as failed, and tells it from what went wrong on our side', async () => {
    const described = await rig.temporal.workflow.getHandle(ids.lost!).describe();
    expect(described.status.name).toBe('FAILED');
    const error: unknown = await rig.temporal.workflow
      .getHandle(ids.lost!)
      .result()
      .catch((reason: unknown) => reason);
    expect((error as WorkflowFailedError).cause).toMatchObject({
      type: 'DeliveryFailed',
      message: 'HTTP 500 after 1 attempt',
      details: [{ deliveryId: ids.lost, endpointId: endpoints.lost.id, attempts: 1 }],
    });
    const ours = `PosthornTenant = "${tenant}" AND WorkflowType = "delivery"`;
    await finds(`${ours} AND ExecutionStatus = "Failed" AND PosthornOutcome = "failed"`, 'lost', 'gone');
    await finds(
      `${ours} AND (ExecutionStatus IN ("TimedOut", "Terminated") OR (ExecutionStatus = "Failed" AND PosthornOutcome IS NULL))`,
    );
    // Such as this one, whose input makes no sense.
    ids.nonsense = `nonsense-${tenant}`;
    await rig.temporal.workflow.start('delivery', {
      taskQueue: rig.config.taskQueue,
      workflowId: ids.nonsense,
      args: ['nonsense'],
    });
    await finds(
      `WorkflowId = "${ids.nonsense}" AND WorkflowType = "delivery" AND (ExecutionStatus IN ("TimedOut", "Terminated") OR (ExecutionStatus = "Failed" AND PosthornOutcome IS NULL))`,
      'nonsense',
    );
  });

  it('reads in the list what a workflow delivers, and in it what happened last and comes next', async () => {
    const handle = rig.temporal.workflow.getHandle(ids.waiting!);
    const description = await handle.describe();
    const { host } = new URL(rig.receiver.url);
    const { id: endpointId, name } = endpoints.waiting;
    expect(await description.staticSummary()).toBe(`waiting.happened → ${endpointId} (${host})`);
    const details = await description.staticDetails();
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    const log = `/v1/tenants/${tenant}/deliveries/${ids.waiting}`;
    expect((await rig.call('GET', log)).status).toBe(200);
    for (const text of [endpointId, name, host, log]) {
      expect(details).toContain(text);
      expect(currentDetails).toContain(text);
    }
    expect(details).toContain('waiting.happened');
    expect(await rawHistory(rig, ids.waiting!)).not.toContain('confidential');
    const next = (await rig.delivery(tenant, ids.waiting!)).next_attempt_at;
    expect(currentDetails).toMatch(/\| retrying \| 1 of 2 \| HTTP 503 in \d+ ms \|/);
    expect(currentDetails).toContain(next);
  });

  it('sees in the timeline which attempt is which, and what is waited for', async () => {
    const { events } = await rig.temporal.workflow.getHandle(ids.waiting!).fetchHistory();
    const summaries = (events ?? []).flatMap((event) => {
      const data = event.userMetadata?.summary?.data;
      return data ? [JSON.parse(Buffer.from(data).toString()) as string] : [];
    });
    expect(summaries.slice(1)).toEqual([
      'attempt 1',
      expect.stringMatching(/^HTTP 503 in \d+ ms; until attempt 2 of 2$/),
    ]);
  });
});
