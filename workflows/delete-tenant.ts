import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { DeleteTenantActivities } from '../activities/delete-tenant.ts';

export interface DeleteTenantInput {
  tenantId: string;
  /**
   * What was being accepted, attempted or recorded when the tenant's end began, has come to rest after this. At least as
   * long as a statement may take and an exchange.
   */
  settleSeconds?: number;
}

const SETTLE_SECONDS = 60;

/**
 * Removes all rows of a tenant that has been marked for it, and then the tenant. A handful of events, however many rows
 * there are: the activity goes on for hours if need be, and one that takes over finds what is left.
 */
export async function deleteTenant({ tenantId, settleSeconds = SETTLE_SECONDS }: DeleteTenantInput) {
  const { deleteTenantRows, endTenant } = proxyActivities<DeleteTenantActivities>({
    taskQueue: `${workflowInfo().taskQueue}-attempts`,
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '2 minutes',
    retry: { initialInterval: '5 seconds', maximumInterval: '2 minutes' },
  });
  let rows = await deleteTenantRows({ tenantId });
  await sleep(settleSeconds * 1000);
  rows += await deleteTenantRows({ tenantId });
  await endTenant({ tenantId });
  return { rows };
}
