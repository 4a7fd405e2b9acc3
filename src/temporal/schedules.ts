import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { retentionSchedule, statsSchedule } from './names.ts';

/** What starts the workflows that run again and again. A schedule that is there is left to whoever has edited it. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  await ensure(client, taskQueue, {
    id: retentionSchedule(taskQueue),
    workflowType: 'retention',
    interval: { every: '1 hour', offset: '7 minutes' },
    catchupWindow: '1 hour',
  });
  await ensure(client, taskQueue, {
    id: statsSchedule(taskQueue),
    workflowType: 'foldStats',
    interval: { every: '1 minute', offset: '20 seconds' },
    // What is missed, the next run does.
    catchupWindow: '10 seconds',
  });
}

interface Wanted {
  /** Of the schedule, and of the workflows that it starts. */
  id: string;
  workflowType: string;
  interval: { every: '1 hour' | '1 minute'; offset: '7 minutes' | '20 seconds' };
  catchupWindow: '1 hour' | '10 seconds';
}

async function ensure(client: Client, taskQueue: string, wanted: Wanted): Promise<void> {
  const { id, workflowType, interval, catchupWindow } = wanted;
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [interval] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      action: { type: 'startWorkflow', workflowType, workflowId: id, taskQueue },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
