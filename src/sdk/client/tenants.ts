import type { Body, CallOptions, Calls, Query } from './call.ts';
import type { Statistics, StatisticsByEndpoint } from './types.ts';

/** Customers of yours, by your own ids. */
export function tenantCalls({ call, list }: Calls) {
  return {
    list: (query?: Query<'listTenants'>, options?: CallOptions) => list('listTenants', query, options),
    get: (tenant: string, options?: CallOptions) => call('getTenant', {}, { ...options, tenant }),
    put: (tenant: string, settings: Body<'putTenant'>, options?: CallOptions) =>
      call('putTenant', { body: settings }, { ...options, tenant }),
    /** With everything that it has. It is gone when `get` says so. */
    delete: (tenant: string, options?: CallOptions) => call('deleteTenant', {}, { ...options, tenant }),
  };
}

export function notificationCalls({ list }: Calls) {
  return {
    /** What people were told of failing endpoints, or why not. Newest first. */
    list: (query?: Query<'listNotifications'>, options?: CallOptions) =>
      list('listNotifications', query, options),
    /** Of all tenants. */
    listDeployment: (query?: Query<'listAllNotifications'>, options?: CallOptions) =>
      list('listAllNotifications', query, options),
  };
}

export function statsCalls({ call }: Calls) {
  type Options = Query<'getTenantStatistics'>;
  /** What a tenant's attempts came to; with `by`, those of each endpoint of a page. */
  function stats(query: Options & { by: 'endpoint' }, options?: CallOptions): Promise<StatisticsByEndpoint>;
  function stats(query?: Options & { by?: undefined }, options?: CallOptions): Promise<Statistics>;
  function stats(query?: Options, options?: CallOptions): Promise<Statistics | StatisticsByEndpoint> {
    return call('getTenantStatistics', { query }, options);
  }
  return { stats };
}
