/** Requests that a receiver must refuse: whether it does is worth more than a test that says it accepts. */
import type { Endpoint } from '../domain.ts';
import { Problem } from '../problem.ts';
import type { Profile } from '../profiles/index.ts';
import { generateSigningKey } from '../signing/ed25519.ts';
import { generateSecret } from '../signing/secret.ts';

/** Signed by nobody it knows; or rightly, but an hour ago, as if somebody had recorded it. */
export const FLAWS = ['signature', 'timestamp'] as const;
export type Flaw = (typeof FLAWS)[number];

/** Libraries allow five minutes. */
const OLD_MS = 3_600_000;

/** With what an attempt is to be made that has this flaw. Throws a Problem where it cannot have it. */
export function flawed(
  endpoint: Endpoint,
  profile: Profile,
  flaw: Flaw,
): { endpoint: Endpoint; signedAt?: Date } {
  if (endpoint.secret === null && endpoint.signingKey === null)
    throw Problem.field('flaw', 'is nothing that a receiver could see: the endpoint is not signed');
  if (flaw === 'signature') {
    const signingKey = endpoint.signingKey === null ? null : generateSigningKey();
    const secret = endpoint.secret === null ? null : generateSecret(profile.secretFormat);
    return { endpoint: { ...endpoint, secret, signingKey } };
  }
  const { scheme } = profile.signature;
  if (scheme === 'hex-body' || scheme === 'base64-body')
    throw Problem.field('flaw', `cannot be "timestamp": the signature of "${profile.name}" covers no time`);
  return { endpoint, signedAt: new Date(Date.now() - OLD_MS) };
}
