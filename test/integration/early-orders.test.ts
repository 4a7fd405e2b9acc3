/** Retry and cancel in the moment between a delivery's first attempt and the start of the workflow that carries it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startProxy } from '../support/proxy.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const proxy = await startProxy(Number(inject('temporalAddress').split(':')[1]));
// Registered first, so that it is closed last.
afterAll(() => proxy.stop());
const rig = useRig({
  DISPATCH: 'fast',
  // A workflow a second: none has one to itself.
  WORKFLOW_STARTS_PER_SECOND: '1',
  TEMPORAL_ADDRESS: `127.0.0.1:${proxy.port}`,
});
beforeAll(() => rig.posthorn.ready);
afterEach(() => proxy.release());

/** Failed its first attempt; the start of its workflow is under way and does not arrive until the proxy lets it. */
async function justFailed(): Promise<{ tenant: string; path: string; id: string }> {
  const tenant = newTenant();
  const path = `/${tenant}`;
  rig.receiver.answerAt(path, 500);
  await rig.endpoint(tenant, path, { retry_schedule_seconds: [3600] });
  proxy.hold();
  const { delivery_ids } = await rig.publish(tenant);
  const id = delivery_ids[0]!;
  await rig.settled(tenant, id, 'retrying');
  const [row] = await rig.sql<{ workflow_id: string | null }>(
    'SELECT workflow_id FROM deliveries WHERE id = $1',
    id,
  );
  expect(row!.workflow_id).toBeNull();
  return { tenant, path, id };
}

/** Waits until the tenant's workflows have been started and have ended; returns their ids. */
async function ended(tenant: string): Promise<string[]> {
  const found = async () => {
    const all: { workflowId: string; status: { name: string } }[] = [];
    for await (const one of rig.temporal.workflow.list({ query: `PosthornTenant = "${tenant}"` }))
      all.push(one);
    return all.map(({ workflowId, status }) => ({ workflowId, status: status.name }));
  };
  const all = await until(
    found,
    (some) => some.length > 0 && some.every(({ status }) => status !== 'RUNNING'),
  );
  expect(all.map(({ status }) => status)).toEqual(all.map(() => 'COMPLETED'));
  return all.map(({ workflowId }) => workflowId);
}

describe('a delivery whose workflow is about to start', () => {
  it('is retried by that workflow, which then ends', async () => {
    const { tenant, path, id } = await justFailed();
    rig.receiver.answerAt(path, 200);
    const order = rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/retry`);
    // It looks for the workflow, and goes on looking.
    await sleep(100);
    proxy.release();
    expect((await order).status).toBe(202);
    const { attempts, workflow_id } = await rig.settled(tenant, id, 'succeeded');
    expect(attempts).toMatchObject([
      { number: 1, trigger: 'schedule' },
      { number: 2, trigger: 'manual' },
    ]);
    expect(workflow_id).toMatch(/^set_/);
    expect(await ended(tenant)).toEqual([workflow_id]);
    const history = await rig.call('GET', `/v1/tenants/${tenant}/deliveries/${id}/history`);
    expect(history.body.runs.map((run: Json) => run.status)).toEqual(['completed']);
  });

  it('is cancelled, and the workflow does not stay to wait for its next attempt', async () => {
    const { tenant, id } = await justFailed();
    const answer = await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/cancel`);
    expect(answer.status).toBe(202);
    proxy.release();
    expect(await ended(tenant)).toHaveLength(1);
    expect(await rig.delivery(tenant, id)).toMatchObject({ status: 'cancelled', attempts: [{ number: 1 }] });
  });
});
