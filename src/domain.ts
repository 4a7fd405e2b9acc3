/**
 * The nouns everything else speaks about. Types only: whoever reads this file knows what travels
 * between api, accept, store, dispatch, workflows and activities.
 */
import type { RetrySchedule, RetrySettings } from './schedule.ts';

export type DeliveryStatus = 'pending' | 'retrying' | 'succeeded' | 'failed' | 'held' | 'cancelled';
export type AttemptTrigger = 'schedule' | 'manual' | 'replay' | 'test';
export type Environment = 'production' | 'staging' | 'development';
export type HttpMethod = 'POST' | 'PUT';

export type EndpointAuth =
  { type: 'bearer'; token: string } | { type: 'basic'; username: string; password: string };

/** A secret that still verifies until `validUntil` because it was rotated away. */
export interface PreviousSecret {
  secret: string;
  validUntil: Date;
}

/** Everything an attempt needs to know about where it is going. Secrets are in the clear: never serialise this. */
export interface Endpoint {
  id: string;
  tenantId: string;
  url: string;
  name: string | null;
  profile: string;
  events: string[];
  environments: Environment[];
  method: HttpMethod;
  /** null: this endpoint's deliveries are not signed (profiles that allow it). */
  secret: string | null;
  previousSecrets: PreviousSecret[];
  timeoutSeconds: number;
  /** What the endpoint itself says; `schedule` is that over the profile's defaults. */
  retrySettings: RetrySettings;
  schedule: RetrySchedule;
  notifyOnFailure: boolean;
  notifyEmails: string[];
  headers: Record<string, string>;
  auth: EndpointAuth | null;
  verifyTls: boolean;
  allowedIps: string[];
  maxInFlight: number | null;
  enabled: boolean;
  disabledReason: string | null;
  metadata: Record<string, string>;
  createdAt: Date;
  updatedAt: Date;
}

/** An accepted event. `data` is the compact JSON text that every attempt sends: it is never parsed again. */
export interface EventRecord {
  id: string;
  tenantId: string;
  type: string;
  environment: Environment;
  timestamp: Date;
  data: string;
}

/** Why an attempt that got no 2xx failed. `http` covers every answer outside 2xx. */
export type AttemptErrorClass =
  | 'http'
  | 'redirect'
  | 'timeout'
  | 'dns'
  | 'connection'
  | 'tls'
  | 'blocked_address'
  | 'response_truncated'
  | 'invalid_response'
  | 'invalid_request';

export interface AttemptError {
  class: AttemptErrorClass;
  message: string;
}

/** What came back from one HTTP exchange. Never thrown: a refused connection is a result like a 500. */
export interface HttpResult {
  statusCode: number | null;
  error: AttemptError | null;
  durationMs: number;
  responseHeaders: Record<string, string>;
  /** First 64 KiB of the answer, decoded as UTF-8. */
  responseBody: string;
  /** Bytes received in all, or the declared length where we stopped reading early. */
  responseBodyBytes: number;
  /** Parsed from Retry-After on 429 and 503, else null. */
  retryAfterSeconds: number | null;
}
