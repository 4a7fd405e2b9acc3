/** What src/temporal/workflow-threads.ts takes away from the SDK's threads: here it shows when a new SDK is different. */
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { Client } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import threads from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { withLeanThreads } from '../../src/temporal/workflow-threads.ts';
import { newTenant, useRig, type Rig } from '../support/rig.ts';
import { until } from '../support/until.ts';

async function callStackOfWaitingDelivery(rig: Rig): Promise<string> {
  const tenant = newTenant();
  await rig.endpoint(tenant, `/${tenant}`, { retry_schedule_seconds: [3600] });
  rig.receiver.answerAt(`/${tenant}`, 500);
  const { delivery_ids } = await rig.publish(tenant, { type: 'thing.made' });
  const [row] = await until(
    () =>
      rig.sql<{ workflow_id: string }>('SELECT workflow_id FROM deliveries WHERE id = $1', delivery_ids[0]),
    (rows) => rows[0]!.workflow_id !== null,
  );
  return rig.temporal.workflow.getHandle(row!.workflow_id).query<string>('__stack_trace');
}

describe('a call stack in the Web UI', () => {
  const lean = useRig();
  const full = useRig({ WORKFLOW_CALL_STACKS: 'true' });

  it('is not kept unless asked for, and that is what it says', async () => {
    await expect(callStackOfWaitingDelivery(lean)).rejects.toThrow(/stack traces are not enabled/i);
  });

  it('shows where the workflow waits with WORKFLOW_CALL_STACKS=true', async () => {
    expect(await callStackOfWaitingDelivery(full)).toMatch(/at \w+ \(.*workflows\/delivery\.ts/);
  });
});

it('threads are as Node has them again when two that overlap have made theirs', async () => {
  const before = threads.Worker;
  const options = { onStuck: () => {} };
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const both = [first, second].map(({ promise }) => withLeanThreads(options, () => promise));
  first.resolve();
  await both[0];
  expect(threads.Worker).not.toBe(before);
  second.resolve();
  await both[1];
  expect(threads.Worker).toBe(before);
});

describe('a lean thread', () => {
  const taskQueue = `busy-${randomUUID()}`;
  let connection: NativeConnection;
  let code: string;

  beforeAll(async () => {
    const workflowsPath = fileURLToPath(new URL('../fixtures/workflows/busy.ts', import.meta.url));
    const logger = new DefaultLogger('ERROR');
    [connection, { code }] = await Promise.all([
      NativeConnection.connect({ address: inject('temporalAddress') }),
      bundleWorkflowCode({ workflowsPath, logger }),
    ]);
  });
  afterAll(() => connection.close());

  /** Runs the workflow that keeps its thread; resolves with how often that was noticed. */
  async function runBusy(rounds: number, stuckAfterMs: number): Promise<number> {
    let stuck = 0;
    const worker = await withLeanThreads({ onStuck: () => (stuck += 1), stuckAfterMs }, () =>
      Worker.create({ connection, taskQueue, workflowBundle: { code } }),
    );
    const { workflow } = new Client({ connection });
    const start = { taskQueue, workflowId: randomUUID(), args: [rounds] };
    expect(await worker.runUntil(workflow.execute('busy', start))).toMatch(/^came back/);
    return stuck;
  }

  it('is noticed, once, when workflow code does not come back, and no timer ends the code meanwhile', async () => {
    // A tenth of a second; on the busiest machine far from the ten after which the server gives the task to the next.
    expect(await runBusy(5e7, 30)).toBe(1);
  });

  it('is left alone while its code comes back', async () => {
    expect(await runBusy(1_000, 60_000)).toBe(0);
  });

  it('leaves the threads of others as they are', async () => {
    const { Worker: Thread } = threads;
    await withLeanThreads({ onStuck: () => {} }, async () => {
      const thread = new threads.Worker('require("node:worker_threads").parentPort.postMessage(1)', {
        eval: true,
      });
      expect(await new Promise((resolve) => thread.once('message', resolve))).toBe(1);
    });
    expect(threads.Worker).toBe(Thread);
  });
});
