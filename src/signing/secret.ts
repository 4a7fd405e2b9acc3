/** Signing secrets: how they are made, and which key bytes they stand for. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { SECRET_PREFIX as PREFIX } from './key-text.ts';
import type { SecretFormat } from '../profiles/profile.ts';

/** The key a secret stands for: what follows `whsec_`, base64-decoded, or without that prefix the text's UTF-8 bytes. */
export function secretKeyBytes(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

/** Made once for each secret: making the key takes Node five times as long as signing with it. */
const keys = new LRUCache<string, KeyObject>(atMost(10_000));

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

/** The same key, as `whsec_` and base64. */
export function asWhsec(secret: string): string {
  return secret.startsWith(PREFIX) ? secret : PREFIX + Buffer.from(secret).toString('base64');
}
