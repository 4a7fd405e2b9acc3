/** A client of Posthorn's HTTP API, for whatever has fetch: Node, Deno, Bun, edge runtimes, browsers. */
import { auditCalls, keyCalls, tokenCalls } from './access.ts';
import { createCalls } from './call.ts';
import { attemptCalls, deliveryCalls } from './deliveries.ts';
import { endpointCalls } from './endpoints.ts';
import { eventTypeCalls } from './event-types.ts';
import { eventCalls, publishCalls } from './events.ts';
import type { Limits } from './http.ts';
import { operatorCalls } from './operators.ts';
import { replayCalls } from './replays.ts';
import { notificationCalls, statsCalls, tenantCalls } from './tenants.ts';

export type {
  Answer,
  Body,
  CallOptions,
  ConditionalOptions,
  KeyedOptions,
  Operation,
  Query,
} from './call.ts';
export type { Limits } from './http.ts';
export type { List, Page } from './list.ts';
export type { WaitOptions } from './replays.ts';
export * from './errors.ts';
export type * from './types.ts';

export interface ClientOptions extends Limits {
  /** Where Posthorn is: `https://posthorn.example.com`. */
  baseUrl: string;
  /** An API key, on your servers. */
  apiKey?: string | undefined;
  /** In a page: a token of its tenant, or what gets a new one when it is asked. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Whose endpoints, events and so on calls are about, unless their own options say otherwise. */
  tenant?: string | undefined;
  /** In place of the global one. */
  fetch?: typeof fetch | undefined;
}

export type PosthornClient = ReturnType<typeof createClient>;

/** Throws TypeError for options that cannot work. Asks nothing yet. */
export function createClient(options: ClientOptions) {
  const { tenant, fetch: given, timeoutSeconds, maxRetries, totalTimeoutSeconds } = options;
  const calls = createCalls({
    ...{ tenant, timeoutSeconds, maxRetries, totalTimeoutSeconds },
    baseUrl: checkedUrl(options.baseUrl),
    authorization: authorizationOf(options),
    // Called by itself: as a member of something else, browsers refuse it.
    fetch: given ?? ((...call) => fetch(...call)),
  });
  return {
    ...publishCalls(calls),
    ...statsCalls(calls),
    ...operatorCalls(calls),
    events: eventCalls(calls),
    endpoints: endpointCalls(calls),
    deliveries: deliveryCalls(calls),
    attempts: attemptCalls(calls),
    replays: replayCalls(calls),
    eventTypes: eventTypeCalls(calls),
    notifications: notificationCalls(calls),
    audit: auditCalls(calls),
    keys: keyCalls(calls),
    tokens: tokenCalls(calls),
    tenants: tenantCalls(calls),
  };
}

function checkedUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  // Not repeated: it may hold a password.
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new TypeError('baseUrl must be an http or https address, with neither credentials nor a query');
  return url.href.replace(/\/+$/, '');
}

function authorizationOf({ apiKey, token }: ClientOptions) {
  if (apiKey !== undefined && token !== undefined) throw new TypeError('Give apiKey or token, not both');
  if (typeof token === 'function') return async () => bearer(await token(), 'token');
  const value = apiKey === undefined ? token : apiKey;
  const header = value === undefined ? undefined : bearer(value, apiKey === undefined ? 'token' : 'apiKey');
  return () => header;
}

/** What was read from a file may end with a line break. Anything else that no header can hold would be named by fetch's error. */
function bearer(value: string, name: string): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!/^[\x21-\x7e]+$/.test(text)) throw new TypeError(`${name} must be visible ASCII characters, and some`);
  return `Bearer ${text}`;
}
