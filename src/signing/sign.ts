/**
 * The signatures of every scheme, one function each: HMAC-SHA256 (or Ed25519) over exactly the bytes that are sent. On the
 * path of every attempt, so nothing is parsed or copied here.
 */
import { createHmac, type BinaryToTextEncoding, type KeyObject } from 'node:crypto';
import { signEd25519 } from './ed25519.ts';
import { isSigningKey } from './key-text.ts';
import { signingKey } from './secret.ts';

/** Text stands for its UTF-8 bytes. */
export type Body = string | Uint8Array;

/** Standard Webhooks: `v1,<base64>` over `<id>.<unix>.<body>`, or `v1a,<base64>` where `secret` is an Ed25519 key. */
export function signStandard(secret: string, id: string, unixSeconds: number, body: Body): string {
  if (isSigningKey(secret)) return `v1a,${signEd25519(secret, `${id}.${unixSeconds}.`, body)}`;
  return `v1,${hmac(signingKey(secret), `${id}.${unixSeconds}.`, body, 'base64')}`;
}

/** Lower-case hex over `<unix>.<body>`: what follows `v1=` in a `t=…,v1=…` header. */
export function signTimestampedHex(secret: string, unixSeconds: number, body: Body): string {
  return hmac(signingKey(secret), `${unixSeconds}.`, body, 'hex');
}

/** Over the raw body alone, as lower-case hex or base64. */
export function signBody(secret: string, body: Body, encoding: 'hex' | 'base64'): string {
  return hmac(signingKey(secret), '', body, encoding);
}

function hmac(key: KeyObject, before: string, body: Body, encoding: BinaryToTextEncoding): string {
  return createHmac('sha256', key).update(before).update(body).digest(encoding);
}
