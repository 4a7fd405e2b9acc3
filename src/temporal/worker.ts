import { Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { DeleteTenantActivities } from '../../activities/delete-tenant.ts';
import type { NotifyActivities } from '../../activities/notify.ts';
import type { ReleaseActivities } from '../../activities/release.ts';
import type { ReplayActivities } from '../../activities/replay.ts';
import type { LaneActivities } from '../../activities/run-lane.ts';
import type { ProbeActivities } from '../../activities/probe.ts';
import type { RetentionActivities } from '../../activities/retention.ts';
import type { StatsActivities } from '../../activities/stats.ts';
import type { Activities } from '../../activities/types.ts';
import { PAYLOAD_CONVERTER_PATH } from './payload-converter-path.ts';
import type { Temporal } from './connection.ts';
import { attemptsQueue, noticesQueue } from './names.ts';
import { createSdkLogger } from './sdk-log.ts';
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
  activities: Activities &
    LaneActivities &
    ProbeActivities &
    RetentionActivities &
    DeleteTenantActivities &
    StatsActivities &
    ReplayActivities &
    ReleaseActivities;
  notifyActivities: NotifyActivities;
  /** Where a workflow stands, for the Web UI's "Call Stack", at twice the cost of a workflow in this process. */
  callStacks: boolean;
}

/**
 * Retries with this process: under way, or waiting for a slot at the gate. How many of a tenant's may wait is bounded
 * there (src/dispatch/retry-room.ts), so that they keep nobody else's out.
 */
export const MAX_RETRIES = 4_000;

/** Mails under way, with this process. */
const MAX_MAILS = 8;

/** How long attempts under way may still take when the process is asked to stop. */
const SHUTDOWN_GRACE_MS = 6_000;
/** A local activity that waits for its next try would otherwise keep the worker from stopping. */
export const SHUTDOWN_FORCE_MS = 8_000;

/**
 * Workflows in their first round at a time. It is a local activity, which holds its workflow-task slot: so there are as many
 * of these. Fewer than attempts under way: mostly it finds its attempt made, and only with DISPATCH=strict waits for it.
 */
const FIRST_ROUNDS = 200;

let installed = false;

/**
 * Sends what SDK and core log through our logger, and leaves the signals to main. Once per process. `metricsAddress`:
 * `host:port` on which the SDK shows what it counts; null, it counts nothing.
 */
export function installRuntime(log: Logger, metricsAddress: string | null, onTaskFailed: () => void): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: createSdkLogger(log, onTaskFailed),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} },
      ...(metricsAddress === null
        ? {}
        : { metrics: { prometheus: { bindAddress: metricsAddress, countersTotalSuffix: true } } }),
    },
  });
}

/** Workflows with their local activities; retries, and mails, on queues of their own. */
export async function createWorkers(options: WorkersOptions): Promise<DeliveryWorkers> {
  const { temporal, taskQueue, workflowBundle, activities, notifyActivities, callStacks } = options;
  const { connection, namespace } = temporal;
  const createWorkflows = () =>
    Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle,
      activities,
      dataConverter: { payloadConverterPath: PAYLOAD_CONVERTER_PATH },
      shutdownGraceTime: SHUTDOWN_GRACE_MS,
      shutdownForceTime: SHUTDOWN_FORCE_MS,
      maxConcurrentWorkflowTaskExecutions: FIRST_ROUNDS,
      maxConcurrentLocalActivityExecutions: FIRST_ROUNDS,
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
    dataConverter: { payloadConverterPath: PAYLOAD_CONVERTER_PATH },
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_FORCE_MS,
    maxConcurrentActivityTaskExecutions: MAX_RETRIES,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  });
  const mails = await Worker.create({
    connection,
    namespace,
    taskQueue: noticesQueue(taskQueue),
    activities: notifyActivities,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_FORCE_MS,
    maxConcurrentActivityTaskExecutions: MAX_MAILS,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
  });
  const runs = [workflows.run(), attempts.run(), mails.run()];
  return {
    running: Promise.race([Promise.all(runs), stuck]).then(() => {}),
    async stop() {
      for (const worker of [workflows, attempts, mails])
        if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
    },
  };
}
