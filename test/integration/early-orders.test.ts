/** Retry and cancel in the moment between a delivery's first attempt and the start of the workflow that carries it. */
import { beforeAll, describe, expect, it } from 'vitest';

import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

// A workflow a second: deliveries wait as long as they ever do to ride together.
const rig = useRig({ WORKFLOW_STARTS_PER_SECOND: '1' });
const tenant = newTenant();

beforeAll(async () => {
  await rig.endpoint(tenant, '/busy', { events: ['busy.*'] });
  await rig.endpoint(tenant, '/early', { events: ['early.*'], retry_schedule_seconds: [3600] });
});

/** Failed its first attempt just now; its workflow has not been started. */
async function justFailed(): Promise<string> {
  rig.receiver.answerAt('/early', 500);
  const batch = Array.from({ length: 30 }, () => ({ type: 'busy.made', data: {} }));
  await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events: batch });
  const { delivery_ids } = await rig.publish(tenant, { type: 'early.made' });
  const id = delivery_ids[0]!;
  await rig.settled(tenant, id, 'retrying');
  const [row] = await rig.sql<{ workflow_id: string | null }>(
    'SELECT workflow_id FROM deliveries WHERE id = $1',
    id,
  );
  expect(row!.workflow_id).toBeNull();
  return id;
}

const runsOf = async (id: string): Promise<Json[]> =>
  (await rig.call('GET', `/v1/tenants/${tenant}/deliveries/${id}/history`)).body.runs;

describe('a delivery whose workflow is about to start', () => {
  it('is retried by that workflow, which then ends', async () => {
    const id = await justFailed();
    rig.receiver.answerAt('/early', 200);
    const answer = await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/retry`);
    expect(answer.status).toBe(202);
    const { attempts } = await rig.settled(tenant, id, 'succeeded');
    expect(attempts).toMatchObject([
      { number: 1, trigger: 'schedule' },
      { number: 2, trigger: 'manual' },
    ]);
    const [run, ...others] = await until(
      () => runsOf(id),
      (runs) => runs.length > 0 && runs.every(({ status }) => status !== 'running'),
    );
    expect(run).toMatchObject({ status: 'completed' });
    expect(others).toEqual([]);
  });

  it('is cancelled, and the workflow does not stay to wait for its next attempt', async () => {
    const id = await justFailed();
    const answer = await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/cancel`);
    expect(answer.status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const open = rig.temporal.workflow.list({
      query: `TaskQueue = "${rig.config.taskQueue}" AND ExecutionStatus = "Running"`,
    });
    await until(
      async () => {
        const ids: string[] = [];
        for await (const { workflowId } of open) ids.push(workflowId);
        return ids;
      },
      (ids) => ids.length === 0,
    );
    expect(await rig.delivery(tenant, id)).toMatchObject({ status: 'cancelled', attempts: [{ number: 1 }] });
  });
});
