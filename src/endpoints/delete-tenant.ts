import type { Logger } from 'pino';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { DeliveryWorkflows } from '../temporal/workflows.ts';
import type { Tenant, TenantStore } from '../store/tenants.ts';

export interface TenantDeletionDeps {
  tenants: TenantStore;
  cache: Pick<EndpointCache, 'drop'>;
  workflows: Pick<DeliveryWorkflows, 'startTenantDeletion'>;
  log: Logger;
}

/**
 * Ends a tenant: its endpoints and their secrets are gone when this returns, and nothing new is taken for it; the rest
 * follows. Null: there is no such tenant.
 */
export function createTenantDeletion({ tenants, cache, workflows, log }: TenantDeletionDeps) {
  return async (tenantId: string): Promise<Tenant | null> => {
    const endpointIds = await tenants.beginEnd(tenantId);
    if (!endpointIds) return null;
    for (const id of endpointIds) cache.drop(tenantId, id);
    await workflows.startTenantDeletion(tenantId).catch((error: unknown) => {
      log.warn(
        { err: error, tenantId },
        'the rows of a deleted tenant are removed when Temporal is back, by retention',
      );
    });
    return tenants.find(tenantId);
  };
}

export type TenantDeletion = ReturnType<typeof createTenantDeletion>;
