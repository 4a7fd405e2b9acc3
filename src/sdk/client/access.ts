import type { Body, CallOptions, Calls, Query } from './call.ts';

export function keyCalls({ call, list }: Calls) {
  return {
    /** The answer holds the `key`, which is shown this once. */
    create: (key: Body<'createKey'>, options?: CallOptions) => call('createKey', { body: key }, options),
    list: (query?: Query<'listKeys'>, options?: CallOptions) => list('listKeys', query, options),
    get: (id: string, options?: CallOptions) => call('getKey', { path: { id } }, options),
    /** Another name, or when it ends; what is left out stays. */
    update: (id: string, change: Body<'changeKey'>, options?: CallOptions) =>
      call('changeKey', { path: { id }, body: change }, options),
    revoke: (id: string, options?: CallOptions) =>
      call('revokeKey', { path: { id }, goneIsDone: true }, options),
  };
}

/** For pages in a customer's browser. */
export function tokenCalls({ call }: Calls) {
  return {
    create: (token: Body<'createToken'>, options?: CallOptions) =>
      call('createToken', { body: token }, options),
    /** All of the tenant's. */
    revokeAll: (options?: CallOptions) => call('revokeTokens', {}, options),
  };
}

export function auditCalls({ list }: Calls) {
  return {
    /** What was changed of a tenant's, and by whom. */
    list: (query?: Query<'listTenantAudit'>, options?: CallOptions) =>
      list('listTenantAudit', query, options),
    /** What belongs to no tenant: keys, event types, and that a tenant was deleted. */
    listDeployment: (query?: Query<'listAudit'>, options?: CallOptions) => list('listAudit', query, options),
  };
}
