// Publishes an event by starting Posthorn's workflow "publishEvent": no HTTP, no API key, only a Temporal client.
//   node examples/publish-from-workflow/start.mjs [order id]
import { Client, Connection } from '@temporalio/client';
import { address, notReached, posthornTaskQueue } from './temporal.mjs';

const orderId = process.argv[2] ?? 'order-7731';
const connection = await Connection.connect({ address }).catch(notReached);
try {
  const client = new Client({ connection });
  // The workflow id is the idempotency key: start it as often as you like, the event is published once. While it
  // runs, the second start joins it; when it has ended, it runs again and answers with the event it finds.
  const handle = await client.workflow.start('publishEvent', {
    taskQueue: posthornTaskQueue,
    workflowId: `publish-${orderId}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ tenant: 'acme', type: 'conversation.created', data: { order_id: orderId } }],
  });
  console.log('published', await handle.result());
} finally {
  await connection.close();
}
