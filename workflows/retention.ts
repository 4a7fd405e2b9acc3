import { log, ParentClosePolicy, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { tenantDeletion } from '../src/temporal/names.ts';
import { deleteTenant } from './delete-tenant.ts';
import type { RetentionActivities } from '../activities/retention.ts';
import type { StatsActivities } from '../activities/stats.ts';

/**
 * Makes the partitions of the days to come, and drops what is older than RETENTION_DAYS: days as a whole, and what was
 * still open in one when it has ended. A schedule starts it every hour; how long things are kept is the worker's setting.
 */
export async function retention(): Promise<Record<string, unknown>> {
  const { planRetention, endDay, emptyDay, endKept, endStats } = proxyActivities<
    RetentionActivities & StatsActivities
  >({
    taskQueue: `${workflowInfo().taskQueue}-attempts`,
    startToCloseTimeout: '6 hours',
    heartbeatTimeout: '2 minutes',
    retry: { initialInterval: '10 seconds', maximumInterval: '2 minutes', maximumAttempts: 5 },
  });
  const plan = await planRetention();
  for (const { day, reason } of plan.notMade) log.warn('a day has no partitions yet', { day, reason });
  await goOnDeleting(plan.tenants);
  const failed: string[] = [];
  const each = async (days: string[], work: (input: { day: string }) => Promise<unknown>) => {
    for (const day of days) {
      // One day that cannot be ended now must not keep the others: the next run comes to it again.
      await work({ day }).catch((error: unknown) => {
        log.warn('a day could not be ended', { day, error: String(error) });
        failed.push(day);
      });
    }
  };
  await each(plan.toDrop, endDay);
  await each(plan.toEmpty, emptyDay);
  return { ...plan, ...(await endKept()), ...(await endStats()), failed };
}

async function goOnDeleting(tenants: string[]): Promise<void> {
  const { taskQueue } = workflowInfo();
  for (const tenantId of tenants) {
    const options = {
      workflowId: tenantDeletion(taskQueue, tenantId),
      args: [{ tenantId }] as [{ tenantId: string }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
    };
    await startChild(deleteTenant, options).catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    });
  }
}
