import type { CallOptions, Calls, Query } from './call.ts';

/** Events on their way to endpoints. */
export function deliveryCalls({ call, list }: Calls) {
  return {
    /** Newest first. */
    list: (query?: Query<'listDeliveries'>, options?: CallOptions) => list('listDeliveries', query, options),
    /** With its attempts, and the body that they send. */
    get: (id: string, options?: CallOptions) => call('getDelivery', { path: { id } }, options),
    /** The same, as Temporal tells it. */
    history: (id: string, options?: CallOptions) => call('getDeliveryHistory', { path: { id } }, options),
    /** One attempt more, now. Not repeated by itself: each makes an attempt. */
    retry: (id: string, options?: CallOptions) => call('retryDelivery', { path: { id } }, options),
    cancel: (id: string, options?: CallOptions) => call('cancelDelivery', { path: { id } }, options),
  };
}

export function attemptCalls({ list }: Calls) {
  return {
    /** Of all deliveries of an endpoint, those that began last first. */
    list: (query: Query<'listAttempts'>, options?: CallOptions) => list('listAttempts', query, options),
  };
}
