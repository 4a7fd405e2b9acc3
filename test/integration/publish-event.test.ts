/** Platform code that lives in Temporal publishes by starting a workflow, from any SDK. */
import type { ApplicationFailure } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { newTenant, rowCounts, useRig, type Json } from '../support/rig.ts';

const rig = useRig();

const start = (event: unknown, workflowId: string = randomUUID()) =>
  rig.temporal.workflow.start('publishEvent', { taskQueue: rig.config.taskQueue, workflowId, args: [event] });
const publish = async (event: unknown, workflowId?: string): Promise<Json> =>
  (await start(event, workflowId)).result();

it('publishes the event that it is given and returns its id and deliveries', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/a', { environments: ['staging'] });
  const event = {
    type: 'a.b',
    data: { n: 1 },
    id: 'own',
    environment: 'staging',
    timestamp: '2026-05-17T12:34:56Z',
  };
  const result = await publish({ tenant, ...event });
  expect(result).toEqual({ id: 'own', delivery_ids: [expect.stringMatching(/^dlv_/)] });
  const delivery = await rig.settled(tenant, result.delivery_ids[0], 'succeeded');
  expect(delivery).toMatchObject({ event_id: 'own', trigger: 'schedule', environment: 'staging' });
  expect(JSON.parse(rig.receiver.at('/a')[0]!.body)).toEqual({
    type: 'a.b',
    timestamp: '2026-05-17T12:34:56.000Z',
    data: { n: 1 },
  });
});

it('delivers nothing twice when it is started again under the same id', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, '/once');
  const workflowId = randomUUID();
  const event = { tenant, type: 'a.b', data: { n: 1 } };
  const first = await publish(event, workflowId);
  expect(await publish(event, workflowId)).toEqual(first);
  await rig.publish(tenant);
  await rig.calls('/once', 2);
  expect(rig.receiver.at('/once').filter((one) => one.headers['webhook-id'] === first.id)).toHaveLength(1);
  await expect(publish({ ...event, data: { n: 2 } }, workflowId)).rejects.toThrow(WorkflowFailedError);
});

it('fails at once under an id that Temporal takes and Postgres does not', async () => {
  const failure = await publish(
    { tenant: newTenant(), type: 'a.b', data: {} },
    `a\u0000${randomUUID()}`,
  ).catch((error: unknown) => (error as WorkflowFailedError).cause);
  const cause = (failure as ApplicationFailure).cause ?? failure;
  expect(cause).toMatchObject({ type: 'InvalidEvent', details: [{ errors: [{ path: 'workflow_id' }] }] });
});

it.each<[what: string, event: unknown, path: string]>([
  ['nothing', undefined, 'tenant'],
  ['a text', 'a.b', 'tenant'],
  ['no tenant', { type: 'a.b', data: {} }, 'tenant'],
  ['a tenant that none can be', { tenant: 'a b', type: 'a.b', data: {} }, 'tenant'],
  ['a NUL in the tenant', { tenant: 'a\u0000', type: 'a.b', data: {} }, 'tenant'],
  ['a wrong type', { tenant: 't', type: 'A.b', data: {} }, 'type'],
  ['no data', { tenant: 't', type: 'a.b' }, 'data'],
  ['a wrong time', { tenant: 't', type: 'a.b', data: {}, timestamp: 'now' }, 'timestamp'],
  ['an unknown field', { tenant: 't', type: 'a.b', data: {}, colour: 'red' }, 'colour'],
  ['too much data', { tenant: 't', type: 'a.b', data: { t: 'x'.repeat(1 << 20) } }, 'data'],
])('fails at once and names the field: %s', async (_what, event, path) => {
  const before = await rowCounts(rig);
  const failure = await publish(event).catch((error: unknown) => (error as WorkflowFailedError).cause);
  const cause = (failure as ApplicationFailure).cause ?? failure;
  expect(cause).toMatchObject({ type: 'InvalidEvent', nonRetryable: true });
  expect((cause as ApplicationFailure).details).toMatchObject([{ errors: [{ path }] }]);
  expect(await rowCounts(rig)).toEqual(before);
});
