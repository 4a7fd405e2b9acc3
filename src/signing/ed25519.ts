/**
 * Ed25519 beside HMAC, as Standard Webhooks has it: `whsk_` and base64 of seed and public key signs, `whpk_` and base64 of
 * the public key verifies. A receiver that knows the public key alone can forge nothing.
 */
import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { KEY_BYTES, PRIVATE_PREFIX, PUBLIC_PREFIX } from './key-text.ts';

/** What DER puts before the 32 bytes. */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');

export function generateSigningKey(): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES);
  const open = publicKey.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  return PRIVATE_PREFIX + Buffer.concat([seed, open]).toString('base64');
}

/** The `whpk_…` of a `whsk_…`. */
export function publicKeyOf(signingKey: string): string {
  const bytes = Buffer.from(signingKey.slice(PRIVATE_PREFIX.length), 'base64');
  return PUBLIC_PREFIX + bytes.subarray(KEY_BYTES).toString('base64');
}

/** Made once for each: making the key takes longer than signing with it. */
const keys = new LRUCache<string, KeyObject>(atMost(10_000));

function keyOf(text: string): KeyObject {
  let key = keys.get(text);
  if (!key) keys.set(text, (key = privateKey(Buffer.from(text.slice(PRIVATE_PREFIX.length), 'base64'))));
  return key;
}

const privateKey = (bytes: Buffer): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PRIVATE_DER, bytes.subarray(0, KEY_BYTES)]),
    format: 'der',
    type: 'pkcs8',
  });

/** Base64 of the signature over `<before><body>`. */
export function signEd25519(signingKey: string, before: string, body: string | Uint8Array): string {
  return sign(null, signedBytes(before, body), keyOf(signingKey)).toString('base64');
}

const signedBytes = (before: string, body: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(before), typeof body === 'string' ? Buffer.from(body) : body]);
