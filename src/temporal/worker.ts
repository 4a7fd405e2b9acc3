import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Activities } from '../../activities/types.ts';
import type { Temporal } from './connection.ts';
import { attemptsQueue } from './names.ts';
import { withLeanThreads } from './workflow-threads.ts';

export interface DeliveryWorkers {
  /** Rejects when a worker fails for good. */
  running: Promise<void>;
  stop(): Promise<void>;
}

export interface WorkersOptions {
  temporal: Temporal;
  taskQueue: string;
  workflowBundle: WorkflowBundleOption;
  activities: Activities;
  /** Where a workflow stands, for the Web UI's "Call Stack", at twice the cost of a workflow in this process. */
  callStacks: boolean;
}

/** How long attempts under way may still take when the process is asked to stop. */
const SHUTDOWN_GRACE = '6 seconds';
/** A local activity that waits for its next try would otherwise keep the worker from stopping. */
const SHUTDOWN_FORCE = '8 seconds';

let installed = false;

/** Sends what SDK and core log through our logger, and leaves the signals to main. Once per process. */
export function installRuntime(log: Logger): void {
  if (installed) return;
  installed = true;
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    // Said of the queue for retries, which has none on purpose.
    if (message.startsWith('No workflows registered')) return;
    if (level === 'ERROR') log.error({ ...meta }, message);
    else log.warn({ ...meta }, message);
  });
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } },
  });
}

/** Two workers: workflows with their local activities, and retries on a queue of their own. */
export async function createWorkers(options: WorkersOptions): Promise<DeliveryWorkers> {
  const { temporal, taskQueue, workflowBundle, activities, callStacks } = options;
  const { connection, namespace } = temporal;
  const createWorkflows = () =>
    Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle,
      activities,
      shutdownGraceTime: SHUTDOWN_GRACE,
      shutdownForceTime: SHUTDOWN_FORCE,
      // A local activity holds its workflow-task slot: there must be as many as attempts may be under way.
      maxConcurrentWorkflowTaskExecutions: 200,
      maxConcurrentLocalActivityExecutions: 200,
      maxCachedWorkflows: 500,
      workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 4 },
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
    });
  let fail: (error: Error) => void;
  const stuck = new Promise<never>((_, reject) => (fail = reject));
  stuck.catch(() => {});
  const onStuck = () => fail(new Error('workflow code has not come back for 30 s'));
  const workflows = await (callStacks ? createWorkflows() : withLeanThreads({ onStuck }, createWorkflows));
  const attempts = await Worker.create({
    connection,
    namespace,
    taskQueue: attemptsQueue(taskQueue),
    activities,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
    // Waiting for a slot at the gate costs next to nothing, and must not keep other endpoints' retries out.
    maxConcurrentActivityTaskExecutions: 2_000,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  });
  const runs = [workflows.run(), attempts.run()];
  return {
    running: Promise.race([Promise.all(runs), stuck]).then(() => {}),
    async stop() {
      for (const worker of [workflows, attempts]) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
    },
  };
}
