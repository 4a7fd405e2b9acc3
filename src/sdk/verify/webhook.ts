/**
 * For those who receive webhooks: is this request really from the sender, untouched and recent? Needs the raw
 * body, as the bytes came in; parsed and written again it is another text with another signature.
 */
import { builtInProfiles } from '../../profiles/built-in.ts';
import type { Profile } from '../../profiles/profile.ts';
import { readBody, type EnvelopeContent } from '../../profiles/read.ts';
import { unusableSecret } from '../../signing/key-text.ts';
import { WebhookVerificationError } from './failure.ts';
import { importKey, isSignedBy, type VerifyingKey } from './signature.ts';
import { createSourceCheck } from './sources.ts';

/** What a receiver has to know of a profile. */
export type VerifiableProfile = Pick<Profile, 'headers' | 'signature' | 'envelope'>;

export interface VerifierOptions {
  /** `standard` (the default), `8bit`, `agentbot` or `eev`, or a profile of your own. */
  profile?: string | VerifiableProfile | undefined;
  /**
   * As shown when the endpoint was made, or its public key (`whpk_…`). Several while you change over from one to the next.
   * Without one, TypeError: so a variable that is not set is noticed when the program starts.
   */
  secret: string | readonly string[] | undefined;
  /** How far the sender's clock may be from ours, either way. By default 300. */
  toleranceSeconds?: number | undefined;
  /** Addresses and networks that requests are taken from, as `GET /v1/egress-ips` names them. By default all. */
  allowedSources?: readonly string[] | undefined;
}

export interface WebhookRequest {
  /** A Node request's `headers`, a fetch `Headers`, or a plain object. Upper and lower case are the same. */
  headers: Headers | Record<string, string | string[] | undefined>;
  body: string | Uint8Array;
  /** Of who is connected, for `allowedSources`. */
  remoteAddress?: string | undefined;
  now?: Date | undefined;
}

export type VerifyInput = VerifierOptions & WebhookRequest;

/** Throw away duplicates by `id`, or by `deliveryId` where a profile sends no id. */
export interface VerifiedWebhook extends EnvelopeContent {
  /** From a header that no scheme signs: good for duplicates and support, not as evidence. */
  deliveryId?: string | undefined;
  /** When this attempt was made. Signed by all schemes but those over the body alone (8bit). */
  sentAt?: Date | undefined;
}

export type Verifier = (request: WebhookRequest) => Promise<VerifiedWebhook>;

/** The event, or WebhookVerificationError; TypeError where it was called wrongly, as by createVerifier. */
export async function verifyWebhook(input: VerifyInput): Promise<VerifiedWebhook> {
  return createVerifier(input)(input);
}

/** Throws TypeError for options that cannot work, such as a secret that could tell nothing. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { profile: named = 'standard', toleranceSeconds = 300, allowedSources } = options;
  const profile = typeof named === 'string' ? builtIn(named) : named;
  const secrets = usableSecrets(options.secret);
  const isAllowed = allowedSources && createSourceCheck(allowedSources);
  let keys: Promise<VerifyingKey[]> | undefined;

  return async ({ headers, body, remoteAddress, now = new Date() }) => {
    // Not instanceof: there may be several classes of that name.
    if (typeof body !== 'string' && !ArrayBuffer.isView(body))
      throw new TypeError(
        'body must be the raw body, a string or bytes: what a parser made of it was not signed',
      );
    if (isAllowed && !isAllowed(remoteAddress)) {
      const who = remoteAddress === undefined ? 'an address that is not known' : remoteAddress;
      throw new WebhookVerificationError('source_not_allowed', `Requests from ${who} are not taken`);
    }
    const header = headerReader(headers);
    const signed = readSignatures(profile, header);
    checkAge(signed.unixSeconds, toleranceSeconds, now);
    const before = signedBefore(profile, signed);
    for (const key of await (keys ??= Promise.all(secrets.map(importKey)))) {
      if (await isSignedBy(key, profile.signature, signed.signatures, before, body))
        return {
          id: signed.id,
          type: profile.headers.eventType && header(profile.headers.eventType),
          deliveryId: profile.headers.deliveryId && header(profile.headers.deliveryId),
          sentAt: signed.unixSeconds === undefined ? undefined : new Date(signed.unixSeconds * 1000),
          ...readEvent(profile, body),
        };
    }
    throw new WebhookVerificationError(
      'no_matching_signature',
      'No signature matches: the secret is another one, or the body is not byte for byte what was sent ' +
        '(pass the raw body, not parsed JSON written again)',
    );
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

function usableSecrets(secret: VerifierOptions['secret']): readonly string[] {
  const secrets = Array.isArray(secret) ? (secret as readonly unknown[]) : [secret];
  if (secrets.length === 0) throw new TypeError('A webhook cannot be verified without a secret');
  return secrets.map((each) => {
    if (typeof each !== 'string') throw new TypeError('A webhook cannot be verified without a secret');
    const problem = unusableSecret(each);
    if (problem) throw new TypeError(`No webhook can be verified with this secret: it ${problem}`);
    return each;
  });
}

function headerReader(headers: WebhookRequest['headers']): HeaderReader {
  // Not instanceof here either.
  const entries = typeof headers.get === 'function' ? [...(headers as Headers)] : Object.entries(headers);
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

function readSignatures(profile: VerifiableProfile, header: HeaderReader): Signed {
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

/** What stands before the body in what was signed. */
function signedBefore({ signature }: VerifiableProfile, { id, unixSeconds }: Signed): string {
  switch (signature.scheme) {
    case 'standard':
      return `${id ?? ''}.${unixSeconds ?? 0}.`;
    case 'timestamped-hex':
      return `${unixSeconds ?? 0}.`;
    case 'hex-body':
    case 'base64-body':
      return '';
  }
}

function readEvent(profile: VerifiableProfile, body: string | Uint8Array): EnvelopeContent {
  try {
    const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
    return readBody(profile, text);
  } catch (error) {
    const reason = (error as Error).message;
    throw new WebhookVerificationError(
      'malformed_body',
      `The signature is right, but the body is not: ${reason}`,
    );
  }
}
