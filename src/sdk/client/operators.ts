import type { CallOptions, Calls } from './call.ts';

/** About the deployment. All but `me`, `profiles`, `egressIps` and `metrics` are there without a key. */
export function operatorCalls({ call }: Calls) {
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
    openApi: (options?: CallOptions) => call('getOpenApi', {}, options),
  };
}
