import type { Body, CallOptions, Calls, ConditionalOptions, KeyedOptions, Query } from './call.ts';
import { newKey } from './key.ts';

/** Who gets events, and how. */
export function endpointCalls({ call, list }: Calls) {
  return {
    /** The answer holds the `secret`, which is shown this once. */
    create: (endpoint: Body<'createEndpoint'>, options: KeyedOptions = {}) =>
      call('createEndpoint', { body: endpoint, idempotencyKey: options.idempotencyKey ?? newKey() }, options),
    /** Oldest first. */
    list: (query?: Query<'listEndpoints'>, options?: CallOptions) => list('listEndpoints', query, options),
    get: (id: string, options?: CallOptions) => call('getEndpoint', { path: { id } }, options),
    /** Changes what is named, and leaves the rest. */
    update: (
      id: string,
      changes: Body<'changeEndpoint'>,
      { ifUpdatedAt, ...options }: ConditionalOptions = {},
    ) => call('changeEndpoint', { path: { id }, body: changes, ifUpdatedAt }, options),
    delete: (id: string, options?: CallOptions) =>
      call('deleteEndpoint', { path: { id }, goneIsDone: true }, options),
    /** What it held is delivered, unless `held` says otherwise. */
    enable: (id: string, how?: Body<'enableEndpoint'>, options?: CallOptions) =>
      call('enableEndpoint', { path: { id }, body: how }, options),
    disable: (id: string, options?: CallOptions) => call('disableEndpoint', { path: { id } }, options),
    /** The answer holds the new secret. Both are good for `grace_seconds`. */
    rotateSecret: (id: string, how?: Body<'rotateSecret'>, options?: CallOptions) =>
      call('rotateSecret', { path: { id }, body: how }, options),
    /** What would be sent, with a template that is not saved yet, for instance. */
    preview: (id: string, what?: Body<'previewRequest'>, options?: CallOptions) =>
      call('previewRequest', { path: { id }, body: what, isRepeatable: true }, options),
    /** Sends it a test event; with `wait`, the answer comes after the first attempt and says how that went. */
    test: (id: string, what?: Body<'testEndpoint'>, options?: CallOptions) =>
      call('testEndpoint', { path: { id }, body: what }, { timeoutSeconds: WAITED_SECONDS, ...options }),
    /** The current secret alone is good from now on. */
    endPreviousSecrets: (id: string, options?: CallOptions) =>
      call('endPreviousSecrets', { path: { id } }, options),
    /** Whether the receiver knows the new secret, while the old one is in its grace; with `flaw`, whether it refuses what is not ours. */
    testSecret: (id: string, what?: Body<'testSecret'>, options?: CallOptions) =>
      call('testSecret', { path: { id }, body: what }, { timeoutSeconds: WAITED_SECONDS, ...options }),
    /** What one that is not made yet would be sent. */
    previewUnsaved: (endpoint: Body<'previewUnsavedEndpoint'>, options?: CallOptions) =>
      call('previewUnsavedEndpoint', { body: endpoint, isRepeatable: true }, options),
    /** One attempt to an endpoint that is not made yet. */
    try: (endpoint: Body<'tryEndpoint'>, options?: CallOptions) =>
      call('tryEndpoint', { body: endpoint }, { timeoutSeconds: WAITED_SECONDS, ...options }),
    stats: (id: string, query?: Query<'getEndpointStatistics'>, options?: CallOptions) =>
      call('getEndpointStatistics', { path: { id }, query }, options),
  };
}

/** An endpoint may take 30 s, and Posthorn adds 5. */
const WAITED_SECONDS = 45;
