/**
 * The signatures of every scheme, one function each: HMAC-SHA256 over exactly the bytes that are sent. On the
 * path of every attempt, so nothing is parsed or copied here.
 */
import { createHmac, type BinaryToTextEncoding, type KeyObject } from 'node:crypto';
import { signingKey } from './secret.ts';

/** Text stands for its UTF-8 bytes. */
export type Body = string | Uint8Array;

/** Standard Webhooks: `v1,<base64>` over `<id>.<unix>.<body>`. */
export function signStandard(secret: string, id: string, unixSeconds: number, body: Body): string {
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
