import { proxyLocalActivities } from '@temporalio/workflow';
import type { StatsActivities } from '../activities/stats.ts';

const { foldStats: fold } = proxyLocalActivities<StatsActivities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

/**
 * Adds what was attempted in the last minute to the statistics. A schedule starts it every minute; what one run leaves, or
 * fails at, the next one finds. A local activity, since it runs so often: half as many events.
 */
export async function foldStats(): Promise<{ attempts: number; more: boolean }> {
  return fold();
}
