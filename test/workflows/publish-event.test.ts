/** `publishEvent`, as platform code in Temporal starts it. The activity is the real one; what it accepts into is not. */
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createActivities, type ActivityDeps } from '../../activities/index.ts';
import type { PublishEventInput } from '../../activities/types.ts';
import { startVirtualTime, type VirtualTime } from '../support/virtual-time.ts';

const publish = vi.fn<ActivityDeps['acceptor']['publish']>();
let time: VirtualTime;
let count = 0;

beforeAll(async () => {
  // acceptEvent asks for nothing else.
  const { acceptEvent } = createActivities({ acceptor: { publish } } as unknown as ActivityDeps);
  time = await startVirtualTime({ acceptEvent });
});
afterAll(() => time.stop());
beforeEach(() => {
  publish.mockReset();
  publish.mockResolvedValue({ id: 'evt_1', deliveryIds: ['dlv_1', 'dlv_2'], isNew: true } as never);
});

const event: PublishEventInput = { tenant: 'acme', type: 'invoice.paid', data: { amount: 3 } };

function run(input: unknown, workflowId = `order-${(count += 1)}`): Promise<unknown> {
  const options = { taskQueue: time.taskQueue, workflowId, args: [input] };
  return time.env.client.workflow.execute('publishEvent', options);
}

it('returns the id of the event and of its deliveries', async () => {
  expect(await run(event)).toEqual({ id: 'evt_1', delivery_ids: ['dlv_1', 'dlv_2'] });
  expect(publish).toHaveBeenCalledWith(
    'acme',
    expect.objectContaining({ type: 'invoice.paid' }),
    expect.anything(),
  );
});

it('has its workflow id for an idempotency key', async () => {
  await run(event, 'order-4711');
  expect(publish.mock.calls[0]![2]!.key).toBe('workflow order-4711');
});

it.each([
  ['without a tenant', { type: 'a.b', data: {} }, 'tenant'],
  ['without a type', { tenant: 'acme', data: {} }, 'type'],
  ['with a field that does not exist', { ...event, colour: 'red' }, 'colour'],
  ['that is no object', 'a string', 'tenant'],
])('fails at once for an event %s, naming the field', async (_, input, field) => {
  const error: unknown = await run(input).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const failure = (error as WorkflowFailedError).cause as ApplicationFailure;
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'InvalidEvent', nonRetryable: true });
  const [details] = failure.details as [{ status: number; errors: { path: string }[] }];
  expect(details.status).toBe(422);
  expect(details.errors.map(({ path }) => path)).toContain(field);
  expect(publish).not.toHaveBeenCalled();
});

it('tries again when the fault is ours', async () => {
  publish.mockRejectedValueOnce(new Error('the database is away'));
  expect(await run(event)).toMatchObject({ id: 'evt_1' });
  expect(publish).toHaveBeenCalledTimes(2);
});
