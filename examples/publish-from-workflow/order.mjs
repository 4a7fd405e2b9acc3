// Runs workflows.mjs once: a worker of the platform's own, and a client that starts placeOrder on it.
//   node examples/publish-from-workflow/order.mjs [order id]
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { address, notReached, posthornTaskQueue } from './temporal.mjs';

const orderId = process.argv[2] ?? 'order-7732';
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address }).catch(notReached);
try {
  const worker = await Worker.create({
    connection,
    taskQueue: 'shop',
    workflowsPath: fileURLToPath(new URL('workflows.mjs', import.meta.url)),
  });
  const client = new Client({ connection });
  const eventId = await worker.runUntil(
    client.workflow.execute('placeOrder', {
      taskQueue: 'shop',
      workflowId: `order/${orderId}`,
      args: [{ orderId, posthornTaskQueue }],
    }),
  );
  console.log('order placed; event published:', eventId);
} finally {
  await connection.close();
}
