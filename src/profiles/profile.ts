/**
 * A profile says how one platform's webhooks look on the wire, as data: a deployment adds its own from a JSON
 * file (see docs/profiles.md) and no code changes. Types only, so that receivers can load profiles without
 * the validator in schema.ts.
 */
import type { RetrySchedule } from '../schedule.ts';

export type HttpMethod = 'POST' | 'PUT';

/**
 * What is signed, always with HMAC-SHA256, and how it is written into the signature header:
 * - `standard`: `v1,<base64>` over `<event id>.<unix>.<body>`; several are separated by spaces (Standard Webhooks)
 * - `hex-body`, `base64-body`: over the raw body, after an optional fixed prefix such as `sha256=`
 * - `timestamped-hex`: `t=<unix>,v1=<hex>` over `<unix>.<body>`; several follow as further `,v1=<hex>`
 */
export type Signature =
  | { scheme: 'standard' }
  | { scheme: 'hex-body'; prefix?: string }
  | { scheme: 'base64-body'; prefix?: string }
  | { scheme: 'timestamped-hex' };

/** Names of the headers a request carries besides content-type. What is not named is not sent. */
export interface ProfileHeaders {
  /** The event's id: the same at every attempt and every endpoint. */
  eventId?: string;
  /** The delivery's id: the same at every attempt, another one for every endpoint. */
  deliveryId?: string;
  /** When this attempt was made, in unix seconds. */
  timestamp?: string;
  eventType?: string;
  signature: string;
  /** While a secret is in grace: the signature made with it, for schemes with one signature per header. */
  previousSignature?: string;
}

/** One member of the JSON body and where its value comes from. `timestamp` is when the event happened. */
export interface EnvelopeField {
  field: string;
  from: 'id' | 'type' | 'timestamp' | 'environment' | 'tenant' | 'data';
}

/** `iso`: `2026-05-17T12:34:56.789Z` · `iso-seconds`: `2026-05-17T12:34:56Z` · `unix-seconds`: `1779021296` */
export type TimestampFormat = 'iso' | 'iso-seconds' | 'unix-seconds';

/** `hex`: 64 hex digits, used as text · `whsec`: `whsec_` and the base64 of the key. Both hold 32 random bytes. */
export type SecretFormat = 'hex' | 'whsec';

export interface CatalogueEntry {
  type: string;
  description: string;
  /** A `data` object as this event carries it. */
  example: Record<string, unknown>;
}

export interface Profile {
  name: string;
  description: string;
  headers: ProfileHeaders;
  signature: Signature;
  secretFormat: SecretFormat;
  /** True: an endpoint may have no secret, and then gets no signature header. */
  secretOptional: boolean;
  /** In the order in which the body has them. */
  envelope: EnvelopeField[];
  /** How the envelope writes the event's timestamp. */
  timestampFormat: TimestampFormat;
  /** What an endpoint gets that sets nothing itself. */
  schedule: RetrySchedule;
  /** The delays that `retry_interval: "exponential"` stands for. */
  exponentialSeconds: number[];
  /** For the whole exchange: connect, headers and body. */
  timeoutSeconds: number;
  /** What an endpoint may choose from; the first is the default. */
  methods: [HttpMethod, ...HttpMethod[]];
  events: CatalogueEntry[];
}
