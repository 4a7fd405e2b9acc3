/**
 * The nouns everything else speaks about. Types only: whoever reads this file knows what travels
 * between api, accept, store, dispatch, workflows and activities.
 */
import type { AttemptErrorClass } from './error-classes.ts';
import type { HttpMethod } from './profiles/profile.ts';
import type { Template } from './templates/template.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RetrySchedule, RetrySettings } from './schedule.ts';

export type { AttemptErrorClass } from './error-classes.ts';
export type { DeliveryStatus } from './lifecycle.ts';
export type { HttpMethod } from './profiles/profile.ts';
export type AttemptTrigger = 'schedule' | 'manual' | 'replay' | 'test' | 'probe';
export type Environment = 'production' | 'staging' | 'development';
/** `fifo`: one after the other, in the order in which they were accepted. */
export type Ordering = 'none' | 'fifo';

export type EndpointAuth =
  { type: 'bearer'; token: string } | { type: 'basic'; username: string; password: string };

/** A secret that still verifies until `validUntil` because it was rotated away. */
export interface PreviousSecret {
  secret: string;
  validUntil: Date;
  /** Until then its signature stands before that of the current one. */
  signsFirst?: boolean;
}

/** PEM. What we show to a server that asks who we are. */
export interface ClientCertificate {
  /** The certificate, and what leads from it to the authority. */
  certificate: string;
  key: string;
}

/** Which signatures a delivery carries; all but `hmac` for profiles of the standard scheme only. */
export type SignatureKind = 'hmac' | 'ed25519' | 'both';

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
  signature: SignatureKind;
  /** For `ed25519`. null: it was never asked for. */
  signingKey: string | null;
  timeoutSeconds: number;
  /** What the endpoint itself says; `schedule` is that over the profile's defaults. */
  retrySettings: RetrySettings;
  schedule: RetrySchedule;
  notifyOnFailure: boolean;
  headers: Record<string, string>;
  auth: EndpointAuth | null;
  /** What makes its bodies; null: the profile does. */
  template: Template | null;
  verifyTls: boolean;
  /** PEM of the authorities that are trusted in place of the public ones; null: those. */
  ca: string | null;
  clientCertificate: ClientCertificate | null;
  allowedIps: string[];
  maxInFlight: number | null;
  ordering: Ordering;
  rateLimit: RateLimit | null;
  /** It has asked to be left alone until then (429 or 503 with Retry-After), by this process's clock; perhaps past. */
  slowedUntil: Date | null;
  enabled: boolean;
  disabledReason: string | null;
  /** What becomes of what it held, while that goes on: `deliver` at a rate, and what comes meanwhile after it. */
  release: 'deliver' | 'discard' | null;
  /** Why parts of it cannot be read in this process; then nothing is sent to it, and it lacks them here. */
  unreadable: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** With what no attempt needs. */
export interface EndpointDetails extends Endpoint {
  notifyEmails: string[];
  /** Null: however long it fails, it is not disabled for that. */
  disableAfterDays: number | null;
  /** Whether it is tried now and then when it has been disabled for that. */
  probe: boolean;
  /** Its attempts have all failed since; null: the last has not, or there was none. */
  failingSince: Date | null;
  metadata: Record<string, string>;
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

export interface AttemptError {
  class: AttemptErrorClass;
  message: string;
}

/**
 * How long the parts of an exchange took, in ms. Null: it had no such part (its connection was open already, say), or did
 * not come to its end.
 */
export interface Timing {
  dnsMs: number | null;
  /** TCP. */
  connectMs: number | null;
  tlsMs: number | null;
  /** From the sending of the request until status line and headers of the answer had come. */
  firstByteMs: number | null;
}

/** What came back from one HTTP exchange. Never thrown: a refused connection is a result like a 500. */
export interface HttpResult {
  statusCode: number | null;
  error: AttemptError | null;
  /** What is odd about an answer whose status counts all the same: that its body broke off, say. */
  remark: string | null;
  /** The time limit passed before the answer had come to its end. */
  timedOut: boolean;
  durationMs: number;
  timing: Timing;
  responseHeaders: Record<string, string>;
  /** First 64 KiB of the answer, decoded as UTF-8. */
  responseBody: string;
  /** Bytes received in all, or the declared length where we stopped reading early. */
  responseBodyBytes: number;
  /** Parsed from Retry-After on 429 and 503, else null. A year at most. */
  retryAfterSeconds: number | null;
}
