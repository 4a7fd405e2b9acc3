// A workflow of the platform's own. It publishes an event as one of its steps, by calling Posthorn's workflow as a
// child on Posthorn's task queue. Posthorn's code is not needed here: its name and argument are enough.
import { executeChild, workflowInfo } from '@temporalio/workflow';

export async function placeOrder({ orderId, posthornTaskQueue }) {
  // … charge the card, reserve the goods …
  const published = await executeChild('publishEvent', {
    taskQueue: posthornTaskQueue,
    // Unique per event of this workflow. After a retry or a reset of this workflow it is the same event again.
    workflowId: `${workflowInfo().workflowId}/order-placed`,
    args: [{ tenant: 'acme', type: 'conversation.created', data: { order_id: orderId } }],
  });
  return published.id;
}
