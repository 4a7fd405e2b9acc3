/** Signing secrets: what they look like, how they are made, and which key bytes they stand for. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SecretFormat } from '../profiles/profile.ts';

const PREFIX = 'whsec_';
const MIN_CHARACTERS = 16;
const MAX_CHARACTERS = 256;
const MIN_WHSEC_BYTES = 16;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The key a secret stands for: what follows `whsec_`, base64-decoded, or without that prefix the text's UTF-8 bytes. */
export function secretKeyBytes(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

/** Made once for each secret: making the key takes Node five times as long as signing with it. */
const keys = new LRUCache<string, KeyObject>({ max: 10_000 });

/** The key to sign with. */
export function signingKey(secret: string): KeyObject {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = createSecretKey(secretKeyBytes(secret))));
  return key;
}

/** A secret of 32 random bytes: 64 hex digits, or `whsec_` and base64. */
export function generateSecret(format: SecretFormat): string {
  const bytes = randomBytes(32);
  return format === 'whsec' ? PREFIX + bytes.toString('base64') : bytes.toString('hex');
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
  return secret.startsWith(PREFIX) ? whsecProblem(secret.slice(PREFIX.length)) : null;
}

function whsecProblem(encoded: string): string | null {
  if (!BASE64.test(encoded)) return 'begins with "whsec_", so base64 (with its "=" padding) must follow';
  const bytes = Buffer.byteLength(encoded, 'base64');
  return bytes < MIN_WHSEC_BYTES
    ? `must hold at least ${MIN_WHSEC_BYTES} bytes after "whsec_"; this one holds ${bytes}`
    : null;
}
