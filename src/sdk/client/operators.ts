import type { CallOptions, Calls, Query } from './call.ts';

/** About the deployment. Only `health`, `readiness` and `openApi` are there without a key. */
export function operatorCalls({ call, list }: Calls) {
  return {
    /** Who asks, and what they may do. */
    me: (options?: CallOptions) => call('getMe', {}, options),
    /** What endpoints may be made with. */
    profiles: async (options?: CallOptions) => (await call('listProfiles', {}, options)).data,
    /** Where deliveries come from, for customers' firewalls. */
    egressIps: async (options?: CallOptions) => (await call('listEgressIps', {}, options)).data,
    health: (options?: CallOptions) => call('getHealth', {}, options),
    /** Also when it is not ready: then `reasons` says why. */
    readiness: (options?: CallOptions) => call('getReadiness', { takes: [503] }, options),
    /** In the text format of Prometheus. */
    metrics: (options?: CallOptions) => call('getMetrics', { isText: true }, options),
    /** How the deployment does just now, over all tenants. */
    operations: (options?: CallOptions) => call('getOperations', {}, options),
    /** Those whose attempts have all failed for a while, the latest first. */
    failingEndpoints: (query?: Query<'listFailingEndpoints'>, options?: CallOptions) =>
      list('listFailingEndpoints', query, options),
    /** Who attempts most, in this hour or day and the one before. */
    tenantVolumes: (query?: Query<'listTenantVolumes'>, options?: CallOptions) =>
      call('listTenantVolumes', { query }, options),
    /** As the process that answers has them, without secrets. */
    settings: (options?: CallOptions) => call('getSettings', {}, options),
    openApi: (options?: CallOptions) => call('getOpenApi', {}, options),
  };
}
