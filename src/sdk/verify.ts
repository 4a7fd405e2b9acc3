/**
 * For those who receive webhooks: is this request really from the sender, untouched and recent? Needs the raw
 * body, as the bytes came in; parsed and written again it is another text with another signature.
 */
import { timingSafeEqual } from 'node:crypto';
import { builtInProfiles } from '../profiles/built-in.ts';
import type { Profile } from '../profiles/profile.ts';
import { readBody, type EnvelopeContent } from '../profiles/read.ts';
import { signBody, signStandard, signTimestampedHex } from '../signing/sign.ts';

export type VerificationFailure =
  | 'missing_header'
  | 'malformed_header'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'no_matching_signature'
  | 'malformed_body';

/** The request is not to be trusted. `code` is for programs, `message` for people; neither holds a secret. */
export class WebhookVerificationError extends Error {
  override name = 'WebhookVerificationError';
  readonly code: VerificationFailure;

  constructor(code: VerificationFailure, message: string) {
    super(message);
    this.code = code;
  }
}

export interface VerifyInput {
  /** `standard`, `8bit`, `agentbot` or `eev`, or a profile of your own. */
  profile: string | Profile;
  /** As shown when the endpoint was made. Several while you change over from one to the next. */
  secret: string | readonly string[];
  /** A Node request's `headers`, a fetch `Headers`, or a plain object. Upper and lower case are the same. */
  headers: Headers | Record<string, string | string[] | undefined>;
  body: string | Uint8Array;
  /** How far the sender's clock may be from ours, either way. */
  toleranceSeconds?: number;
  now?: Date;
}

/** Throw away duplicates by `id`, or by `deliveryId` where a profile sends no id. */
export interface VerifiedWebhook extends EnvelopeContent {
  /** From a header that no scheme signs: good for duplicates and support, not as evidence. */
  deliveryId?: string;
  /** When this attempt was made. Signed by all schemes but those over the body alone (8bit). */
  sentAt?: Date;
}

/** Returns the event, or throws WebhookVerificationError. Comparison takes the same time wherever signatures differ. */
export function verifyWebhook(input: VerifyInput): VerifiedWebhook {
  const profile = typeof input.profile === 'string' ? builtIn(input.profile) : input.profile;
  const secrets = typeof input.secret === 'string' ? [input.secret] : input.secret;
  if (secrets.length === 0 || secrets.includes('')) throw new TypeError('verifyWebhook needs a secret');
  const header = headerReader(input.headers);
  const signed = readSignatures(profile, header);
  checkAge(signed.unixSeconds, input.toleranceSeconds ?? 300, input.now ?? new Date());
  const matched = secrets.some((secret) =>
    containsEqual(signed.signatures, expectedSignature(profile, secret, signed, input.body)),
  );
  if (!matched) {
    throw new WebhookVerificationError(
      'no_matching_signature',
      'No signature matches: the secret is another one, or the body is not byte for byte what was sent ' +
        '(pass the raw body, not parsed JSON written again)',
    );
  }
  return {
    id: signed.id,
    type: profile.headers.eventType && header(profile.headers.eventType),
    deliveryId: profile.headers.deliveryId && header(profile.headers.deliveryId),
    sentAt: signed.unixSeconds === undefined ? undefined : new Date(signed.unixSeconds * 1000),
    ...readEvent(profile, input.body),
  };
}

type HeaderReader = (name: string) => string | undefined;

interface Signed {
  id: string | undefined;
  unixSeconds: number | undefined;
  signatures: string[];
}

function builtIn(name: string): Profile {
  const profile = builtInProfiles.find((candidate) => candidate.name === name);
  if (profile) return profile;
  const known = builtInProfiles.map((candidate) => candidate.name).join(', ');
  throw new TypeError(`There is no profile "${name}"; there are ${known}, or pass a profile object`);
}

function headerReader(headers: VerifyInput['headers']): HeaderReader {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const byName = new Map(entries.map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = byName.get(name.toLowerCase());
    if (!Array.isArray(value)) return value;
    if (value.length > 1)
      throw new WebhookVerificationError('malformed_header', `There is more than one header ${name}`);
    return value[0];
  };
}

function required(header: HeaderReader, name: string): string {
  const value = header(name);
  if (value) return value;
  throw new WebhookVerificationError('missing_header', `The header ${name} is missing`);
}

function readSignatures(profile: Profile, header: HeaderReader): Signed {
  const { headers: names, signature } = profile;
  const value = required(header, names.signature);
  const id = names.eventId ? required(header, names.eventId) : undefined;
  if (signature.scheme === 'timestamped-hex') {
    const parts = value.split(',').map((part) => part.trim());
    const time = parts.find((part) => part.startsWith('t='));
    const signatures = parts.filter((part) => part.startsWith('v1=')).map((part) => part.slice(3));
    if (!time || signatures.length === 0) {
      throw new WebhookVerificationError(
        'malformed_header',
        `The header ${names.signature} is not of the form t=…,v1=…`,
      );
    }
    return { id, unixSeconds: parseUnix(time.slice(2), names.signature), signatures };
  }
  const unixSeconds = names.timestamp
    ? parseUnix(required(header, names.timestamp), names.timestamp)
    : undefined;
  if (signature.scheme === 'standard') return { id, unixSeconds, signatures: value.split(' ') };
  const previous = names.previousSignature && header(names.previousSignature);
  return { id, unixSeconds, signatures: previous ? [value, previous] : [value] };
}

function parseUnix(text: string, name: string): number {
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new WebhookVerificationError('malformed_header', `The header ${name} has no unix time in seconds`);
}

function checkAge(unixSeconds: number | undefined, toleranceSeconds: number, now: Date): void {
  if (unixSeconds === undefined) return;
  const age = Math.floor(now.getTime() / 1000) - unixSeconds;
  if (Math.abs(age) <= toleranceSeconds) return;
  const allowed = `${toleranceSeconds} s are allowed`;
  throw age > 0
    ? new WebhookVerificationError('timestamp_too_old', `The request was sent ${age} s ago; ${allowed}`)
    : new WebhookVerificationError(
        'timestamp_too_new',
        `The request claims to be sent in ${-age} s; ${allowed}`,
      );
}

function expectedSignature(
  profile: Profile,
  secret: string,
  signed: Signed,
  body: string | Uint8Array,
): string {
  const { signature } = profile;
  switch (signature.scheme) {
    case 'standard':
      return signStandard(secret, signed.id ?? '', signed.unixSeconds ?? 0, body);
    case 'timestamped-hex':
      return signTimestampedHex(secret, signed.unixSeconds ?? 0, body);
    case 'hex-body':
      return (signature.prefix ?? '') + signBody(secret, body, 'hex');
    case 'base64-body':
      return (signature.prefix ?? '') + signBody(secret, body, 'base64');
  }
}

function containsEqual(signatures: readonly string[], expected: string): boolean {
  const wanted = Buffer.from(expected);
  return signatures.some((text) => {
    const given = Buffer.from(text);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

function readEvent(profile: Profile, body: string | Uint8Array): EnvelopeContent {
  try {
    return readBody(profile, typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
  } catch (error) {
    const reason = (error as Error).message;
    throw new WebhookVerificationError(
      'malformed_body',
      `The signature is right, but the body is not: ${reason}`,
    );
  }
}
