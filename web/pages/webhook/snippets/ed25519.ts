import type { Profile } from '../../../api/types.ts';
import { shapeOf } from './shape.ts';

/** Node alone: not every other language can do it without a package. */
export function ed25519Code(profile: Profile): string {
  const { signature, id, timestamp } = shapeOf(profile);
  return `import { createPublicKey, verify } from 'node:crypto';

// publicKey: "whpk_…", as it is shown above.
// rawBody: the bytes as they came in, before anything has parsed them.
// headers: with names in lower case, as Node has them.
export function isGenuine(publicKey, headers, rawBody) {
  if (!publicKey?.startsWith('whpk_')) throw new Error('the public key is missing');
  const timestamp = headers['${timestamp}'];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const x = Buffer.from(publicKey.slice(5), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = Buffer.concat([Buffer.from(\`\${headers['${id}']}.\${timestamp}.\`), rawBody]);
  return (headers['${signature}'] ?? '')
    .split(' ')
    .some((one) => one.startsWith('v1a,') && verify(null, signed, key, Buffer.from(one.slice(4), 'base64')));
}
`;
}
