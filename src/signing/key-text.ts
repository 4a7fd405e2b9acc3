/** What secrets and keys look like as text. Pure, and without Node: receivers check theirs with it, wherever they run. */

export const SECRET_PREFIX = 'whsec_';
export const PRIVATE_PREFIX = 'whsk_';
export const PUBLIC_PREFIX = 'whpk_';
/** Of either Ed25519 key. */
export const KEY_BYTES = 32;
const MIN_CHARACTERS = 16;
const MAX_CHARACTERS = 256;
const MIN_WHSEC_BYTES = 16;
/** Base64 of that many bytes. */
const KEY_BASE64 = /^[A-Za-z0-9+/]{43}=?$/;
const PADDED_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const isSigningKey = (text: string): boolean => text.startsWith(PRIVATE_PREFIX);
export const isPublicKey = (text: string): boolean => text.startsWith(PUBLIC_PREFIX);

/** Why it is no public key, or null. */
export function publicKeyProblem(text: string): string | null {
  const encoded = text.slice(PUBLIC_PREFIX.length);
  return KEY_BASE64.test(encoded)
    ? null
    : `begins with "${PUBLIC_PREFIX}", so base64 of ${KEY_BYTES} bytes must follow`;
}

/**
 * Why no signature can be checked with a secret, or null: an empty or guessable key (`undefined`), and one that is not the
 * base64 it claims to be, would let anybody sign. Never repeats the secret.
 */
export function unusableSecret(secret: string): string | null {
  if (secret.trim() === '') return 'is empty';
  if (isPublicKey(secret)) return publicKeyProblem(secret);
  if (isSigningKey(secret)) return 'is a signing key: receivers verify with its public key, "whpk_…"';
  if (secret.trim().length < MIN_CHARACTERS) return `must have at least ${MIN_CHARACTERS} characters`;
  return secret.startsWith(SECRET_PREFIX) ? whsecProblem(secret.slice(SECRET_PREFIX.length)) : null;
}

/**
 * Why a secret that somebody brought along cannot be used, or null when it can: 16 to 256 characters without
 * surrounding spaces; with `whsec_`, base64 of at least 16 bytes. Never repeats the secret.
 */
export function checkSecret(secret: string): string | null {
  if (secret.length < MIN_CHARACTERS) return `must have at least ${MIN_CHARACTERS} characters`;
  if (secret.length > MAX_CHARACTERS) return `must have at most ${MAX_CHARACTERS} characters`;
  if (secret !== secret.trim()) return 'must not begin or end with a space or line break';
  if (/[\x00-\x1f\x7f]/.test(secret)) return 'must not contain line breaks or other control characters';
  // Without a key secrets are stored as they are, and this is how a sealed one is told from them (store/seal.ts).
  if (secret.startsWith('sealed:')) return 'must not begin with "sealed:"';
  // These would be taken for keys of another kind.
  if (isSigningKey(secret) || isPublicKey(secret))
    return 'must not begin with "whsk_" or "whpk_": those are Ed25519 keys, which Posthorn makes itself';
  return secret.startsWith(SECRET_PREFIX) ? whsecProblem(secret.slice(SECRET_PREFIX.length)) : null;
}

function whsecProblem(encoded: string): string | null {
  if (!PADDED_BASE64.test(encoded))
    return 'begins with "whsec_", so base64 (with its "=" padding) must follow';
  const bytes = bytesIn(encoded);
  return bytes < MIN_WHSEC_BYTES
    ? `must hold at least ${MIN_WHSEC_BYTES} bytes after "whsec_"; this one holds ${bytes}`
    : null;
}

/** Of base64. */
const bytesIn = (encoded: string): number => Math.floor((encoded.replace(/=+$/, '').length * 3) / 4);
