/** An event as one profile sends it: body and headers. Pure, and the only place that knows how to read a profile. */
import type { EventRecord, PreviousSecret, SignatureKind } from '../domain.ts';
import { isSigningKey } from '../signing/key-text.ts';
import { signBody, signStandard, signTimestampedHex, type Body } from '../signing/sign.ts';
import type { EnvelopeField, Profile, TimestampFormat } from './profile.ts';

/**
 * The request body as compact JSON. `event.data` goes in as it is, so every attempt has the same bytes, and
 * a receiver that parses the body and writes it again with JSON.stringify has them too.
 */
export function renderBody(profile: Profile, event: EventRecord): string {
  let body = '';
  for (const { field, from } of profile.envelope) {
    body += `${body === '' ? '{' : ','}"${field}":${fieldJson(from, event, profile.timestampFormat)}`;
  }
  return `${body}}`;
}

function fieldJson(from: EnvelopeField['from'], event: EventRecord, format: TimestampFormat): string {
  switch (from) {
    case 'data':
      return event.data;
    case 'timestamp':
      return formatTimestamp(event.timestamp, format);
    case 'id':
      return JSON.stringify(event.id);
    case 'type':
      return JSON.stringify(event.type);
    case 'environment':
      return JSON.stringify(event.environment);
    case 'tenant':
      return JSON.stringify(event.tenantId);
  }
}

function formatTimestamp(time: Date, format: TimestampFormat): string {
  switch (format) {
    case 'iso':
      return `"${time.toISOString()}"`;
    case 'iso-seconds':
      return `"${time.toISOString().replace(/\.\d+Z$/, 'Z')}"`;
    case 'unix-seconds':
      return String(unixSeconds(time));
  }
}

export interface Attempt {
  event: Pick<EventRecord, 'id' | 'type'>;
  deliveryId: string;
  /** What renderBody returned, as text or as its UTF-8 bytes. */
  body: Body;
  /** Goes into timestamp headers and signatures, so every attempt has its own. */
  attemptTime: Date;
  /** null: no signature is sent; only for profiles with `secretOptional`. */
  secret: string | null;
  /** Those whose `validUntil` is after `attemptTime` sign too. */
  previousSecrets: readonly PreviousSecret[];
  /** `hmac` by default. */
  signature?: SignatureKind;
  /** With `ed25519` and `both`. */
  signingKey?: string | null;
}

/**
 * The headers a profile adds to one attempt, content-type included, named as the profile writes them. Throws
 * when there is no secret and the profile cannot do without: an unsigned request must not leave by mistake.
 */
export function renderHeaders(profile: Profile, attempt: Attempt): Record<string, string> {
  const { headers: names } = profile;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (names.eventId) headers[names.eventId] = attempt.event.id;
  if (names.deliveryId) headers[names.deliveryId] = attempt.deliveryId;
  if (names.timestamp) headers[names.timestamp] = String(unixSeconds(attempt.attemptTime));
  if (names.eventType) headers[names.eventType] = attempt.event.type;
  const keys = keysOf(attempt);
  if (keys.length > 0) addSignatures(headers, profile, attempt, keys);
  else if (!profile.secretOptional) {
    throw new Error(
      `Delivery ${attempt.deliveryId} has no secret to sign with, and "${profile.name}" requires one`,
    );
  }
  return headers;
}

/** Receivers that read only one signature read the first. */
function addSignatures(
  headers: Record<string, string>,
  profile: Profile,
  attempt: Attempt,
  keys: string[],
): void {
  const { headers: names, signature } = profile;
  const { body } = attempt;
  const unix = unixSeconds(attempt.attemptTime);
  switch (signature.scheme) {
    case 'standard':
      headers[names.signature] = keys.map((key) => signStandard(key, attempt.event.id, unix, body)).join(' ');
      return;
    case 'timestamped-hex':
      headers[names.signature] = keys.reduce(
        (header, key) => `${header},v1=${signTimestampedHex(key, unix, body)}`,
        `t=${unix}`,
      );
      return;
    case 'hex-body':
    case 'base64-body': {
      const encoding = signature.scheme === 'hex-body' ? 'hex' : 'base64';
      const sign = (key: string) => (signature.prefix ?? '') + signBody(key, body, encoding);
      headers[names.signature] = sign(keys[0]!);
      // One signature per header, so of several in grace only the newest can have one.
      if (names.previousSignature && keys[1] !== undefined) headers[names.previousSignature] = sign(keys[1]);
    }
  }
}

/** What signs, in this order: the current key, unless an earlier one was to stay first during its grace; then earlier ones. */
function keysOf(attempt: Attempt): string[] {
  const { secret, signature = 'hmac', signingKey = null, previousSecrets } = attempt;
  const counts = (key: string | null): key is string =>
    key !== null && (signature === 'both' || isSigningKey(key) === (signature === 'ed25519'));
  const current = [secret, signingKey].filter(counts);
  // Without one, nothing is signed, whatever signed before.
  if (current.length === 0 || previousSecrets.length === 0) return current;
  return withPrevious(current, attempt).filter(counts);
}

/** Of those in grace the newest first, that is, the one that stays valid longest. */
function withPrevious(current: string[], { previousSecrets, attemptTime }: Attempt): string[] {
  const inGrace = previousSecrets
    .filter((previous) => previous.validUntil > attemptTime)
    .sort((a, b) => b.validUntil.getTime() - a.validUntil.getTime());
  const first = inGrace.filter(({ signsFirst }) => signsFirst);
  const later = inGrace.filter(({ signsFirst }) => !signsFirst);
  return [...first.map(({ secret }) => secret), ...current, ...later.map(({ secret }) => secret)];
}

function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
