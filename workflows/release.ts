import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ReleaseActivities, ReleaseInput } from '../activities/release.ts';
import { carryOn, checkIds, type Carried } from './long-work.ts';
import { code } from './markdown.ts';

/**
 * Lets go what an endpoint held while it was disabled, at the rate that was asked for, until nothing is held or the endpoint
 * is switched off again. Stopping this workflow stops nothing: the sweep starts another, since nothing may stay held. To
 * stop it, disable the endpoint.
 */
export async function release(raw: ReleaseInput & Carried): Promise<Record<string, number>> {
  const { tenantId, endpointId } = checkIds(raw, 'tenantId', 'endpointId');
  const { carryRelease } = proxyActivities<ReleaseActivities>({
    taskQueue: `${workflowInfo().taskQueue}-attempts`,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const { counts } = await carryOn(raw, {
    title: `What \`${code(endpointId)}\` held`,
    stretch: () => carryRelease({ tenantId, endpointId }),
  });
  return counts;
}
