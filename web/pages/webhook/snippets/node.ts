import type { Profile } from '../../../api/types.ts';
import { shapeOf } from './shape.ts';

export function nodeCode(profile: Profile): string {
  const { kind, encoding, prefix, signature, previous, id, timestamp } = shapeOf(profile);
  const age = (name: string) =>
    `  if (!(Math.abs(Date.now() / 1000 - Number(${name})) <= 300)) return false;`;
  const head = {
    standard: `  const id = headers['${id}'];
  const timestamp = headers['${timestamp}'];
${age('timestamp')}
  const given = (headers['${signature}'] ?? '').split(' ');
  const signed = \`\${id}.\${timestamp}.\`;`,
    timestamped: `  const parts = (headers['${signature}'] ?? '').split(',');
  const timestamp = parts.find((part) => part.startsWith('t='))?.slice(2);
${age('timestamp')}
  const given = parts.filter((part) => part.startsWith('v1=')).map((part) => part.slice(3));
  const signed = \`\${timestamp}.\`;`,
    body: `${timestamp ? `${age(`headers['${timestamp}']`)}\n` : ''}  const given = [headers['${signature}'] ?? ''${previous ? `, headers['${previous}'] ?? ''` : ''}];
  const signed = '';`,
  }[kind];
  return `import { createHmac, timingSafeEqual } from 'node:crypto';

// rawBody: the bytes as they came in, before anything has parsed them.
// headers: with names in lower case, as Node has them.
export function isGenuine(secret, headers, rawBody) {
  if (!secret) throw new Error('the secret is missing');
${head}
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  if (key.length < 16) throw new Error('the secret is not the one that was shown');
  const digest = createHmac('sha256', key).update(signed).update(rawBody).digest('${encoding}');
  const wanted = Buffer.from(${prefix ? `'${prefix}' + ` : ''}digest);
  return given.some((one) => {
    const bytes = Buffer.from(one);
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}
`;
}
