import type { CallOptions, Calls, KeyedOptions, Query } from './call.ts';
import { newKey } from './key.ts';
import type { EventInput } from './types.ts';

/** What makes events. A repeated one makes none: by its own `id`, or by the idempotency key. */
export function publishCalls({ call }: Calls) {
  return {
    publish: (event: EventInput, options: KeyedOptions = {}) =>
      call('publishEvent', { body: event, idempotencyKey: options.idempotencyKey ?? newKey() }, options),
    /** Up to 1000 events. Each is accepted or refused by itself: `results` says in order what became of them. */
    publishBatch: (events: readonly EventInput[], options: KeyedOptions = {}) =>
      call(
        'publishBatch',
        { body: { events: [...events] }, idempotencyKey: options.idempotencyKey ?? newKey() },
        options,
      ),
  };
}

export function eventCalls({ call, list }: Calls) {
  return {
    /** Newest first, without their data. */
    list: (query?: Query<'listEvents'>, options?: CallOptions) => list('listEvents', query, options),
    get: (id: string, options?: CallOptions) => call('getEvent', { path: { id } }, options),
    /** How many of which type, of the last seven days unless told otherwise. */
    counts: (query?: Query<'countEventTypes'>, options?: CallOptions) =>
      call('countEventTypes', { query }, options),
  };
}
