/** Checks signatures with Web Crypto, whose comparison takes the same time wherever they differ. */
import type { Signature } from '../../profiles/profile.ts';
import { WebhookVerificationError } from './failure.ts';
import { isPublicKey, PUBLIC_PREFIX, SECRET_PREFIX } from '../../signing/key-text.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a secret or a public key stands for. */
export interface VerifyingKey {
  algorithm: 'HMAC' | 'Ed25519';
  key: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
}

export async function importKey(text: string): Promise<VerifyingKey> {
  if (isPublicKey(text)) {
    const bytes = fromBase64(text.slice(PUBLIC_PREFIX.length))!;
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'Ed25519' }, false, ['verify']);
    return { algorithm: 'Ed25519', key };
  }
  const bytes = text.startsWith(SECRET_PREFIX)
    ? fromBase64(text.slice(SECRET_PREFIX.length))!
    : new TextEncoder().encode(text);
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  return { algorithm: 'HMAC', key: await crypto.subtle.importKey('raw', bytes, hmac, false, ['verify']) };
}

/**
 * The current secret and five before it, each as HMAC and Ed25519. Each costs a pass over the whole body: a header full of them
 * would have a stranger's one request cost seconds.
 */
const MOST_SIGNATURES = 12;

/** `before` and then the body are what was signed; `signatures` are as the header has them. */
export async function isSignedBy(
  { algorithm, key }: VerifyingKey,
  signature: Signature,
  signatures: readonly string[],
  before: string,
  body: string | Uint8Array,
): Promise<boolean> {
  if (signatures.length > MOST_SIGNATURES)
    throw new WebhookVerificationError(
      'malformed_header',
      `There are ${signatures.length} signatures; Posthorn sends ${MOST_SIGNATURES} at most`,
    );
  const signed = signedBytes(before, body);
  for (const text of signatures) {
    const bytes = signatureBytes(algorithm, signature, text);
    if (bytes && (await crypto.subtle.verify(algorithm, key, bytes, signed))) return true;
  }
  return false;
}

/** null: not of that scheme, or not of that kind of key. Only the standard scheme has a place for Ed25519. */
function signatureBytes(
  algorithm: VerifyingKey['algorithm'],
  signature: Signature,
  text: string,
): Bytes | null {
  const { scheme } = signature;
  if (algorithm === 'Ed25519') return scheme === 'standard' ? after('v1a,', text, fromBase64, 64) : null;
  switch (scheme) {
    case 'standard':
      return after('v1,', text, fromBase64, 32);
    case 'timestamped-hex':
      return after('', text, fromHex, 32);
    case 'hex-body':
      return after(signature.prefix ?? '', text, fromHex, 32);
    case 'base64-body':
      return after(signature.prefix ?? '', text, fromBase64, 32);
  }
}

function after(prefix: string, text: string, decode: (text: string) => Bytes | null, length: number) {
  const bytes = text.startsWith(prefix) ? decode(text.slice(prefix.length)) : null;
  return bytes?.length === length ? bytes : null;
}

function signedBytes(before: string, body: string | Uint8Array): Bytes {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(before), typeof body === 'string' ? encoder.encode(body) : body];
  const all = new Uint8Array(parts[0]!.length + parts[1]!.length);
  all.set(parts[0]!);
  all.set(parts[1]!, parts[0]!.length);
  return all;
}

function fromBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function fromHex(text: string): Bytes | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
