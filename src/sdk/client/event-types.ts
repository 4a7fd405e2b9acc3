import type { Body, CallOptions, Calls, Query } from './call.ts';

/** The catalogue of what is published, for all tenants. */
export function eventTypeCalls({ call, list }: Calls) {
  return {
    /** By their names. */
    list: (query?: Query<'listEventTypes'>, options?: CallOptions) => list('listEventTypes', query, options),
    get: (name: string, query?: Query<'getEventType'>, options?: CallOptions) =>
      call('getEventType', { path: { name }, query }, options),
    /** Replaces all of it. */
    put: (name: string, type: Body<'putEventType'>, options?: CallOptions) =>
      call('putEventType', { path: { name }, body: type }, options),
    delete: (name: string, options?: CallOptions) =>
      call('deleteEventType', { path: { name }, goneIsDone: true }, options),
    /** From the `webhooks` of an OpenAPI document; the same again changes nothing. */
    import: (input: Body<'importEventTypes'>, options?: CallOptions) =>
      call('importEventTypes', { body: input, isRepeatable: true }, options),
  };
}
