import { proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities, PublishEventInput, PublishEventResult } from '../activities/types.ts';

const { acceptEvent } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/**
 * Publishes an event from a workflow: for platform code that lives in Temporal already. Start it with any SDK, or
 * call it as a child; its workflow id is the idempotency key, so starting it twice delivers nothing twice.
 * An event that is not valid fails the workflow at once with type `InvalidEvent`, naming the field.
 */
export async function publishEvent(event: PublishEventInput): Promise<PublishEventResult> {
  return acceptEvent({ event, idempotencyKey: workflowInfo().workflowId });
}
