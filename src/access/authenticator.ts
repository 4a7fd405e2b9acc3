import { timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { Problem } from '../problem.ts';
import type { UsableKey } from '../store/api-keys.ts';
import { ROOT, type Credential } from './credential.ts';
import { createFailures } from './failures.ts';
import type { KeyRing } from './key-ring.ts';
import type { RequestRates } from './request-rates.ts';
import { digestOf, prefixOf } from './key-text.ts';
import { looksLikeToken, type Tokens } from './tokens.ts';

export interface Authenticator {
  /**
   * Who presents this. Throws a Problem: `unauthorized`, or `too_many_requests` when the address has presented much that
   * was wrong (what is right is let through all the same), or the credential has sent more than it may.
   */
  authenticate(authorization: string | undefined, address: string): Promise<Credential>;
  /** Whether what was let through still would be: for answers that go on for long. Counts as no request. */
  isStillGood(authorization: string | undefined): Promise<boolean>;
}

export interface AuthenticatorDeps {
  rootKey: string;
  ring: KeyRing;
  tokens: Tokens;
  rates: RequestRates;
  log: Logger;
}

/** Longer ones are nobody's. */
const MAX_CHARS = 4_096;

export function createAuthenticator({ rootKey, ring, tokens, rates, log }: AuthenticatorDeps): Authenticator {
  const failures = createFailures();
  const rootDigest = Buffer.from(digestOf(rootKey), 'hex');

  async function known(presented: string, digest: string): Promise<Credential | null> {
    if (timingSafeEqual(Buffer.from(digest, 'hex'), rootDigest)) return ROOT;
    return looksLikeToken(presented) ? tokens.verify(presented) : fromKey(await ring.find(digest));
  }

  /** What is not known may just have been made, by another process. */
  const lookedUp = async (presented: string, digest: string): Promise<Credential | null> =>
    looksLikeToken(presented) ? null : fromKey(await ring.lookUp(digest));

  const counted = (credential: Credential): Credential => {
    rates.take(credential);
    return credential;
  };

  return {
    async isStillGood(authorization = '') {
      const presented = authorization.slice('bearer '.length).trim();
      return (await known(presented, digestOf(presented))) !== null;
    },
    async authenticate(authorization, address) {
      if (authorization === undefined || !/^bearer /i.test(authorization))
        throw new Problem('unauthorized', 'Send your API key as "Authorization: Bearer KEY".');
      const presented = authorization.slice('bearer '.length).trim();
      const isTooLong = presented.length > MAX_CHARS;
      const digest = isTooLong ? '' : digestOf(presented);
      const credential = isTooLong ? null : await known(presented, digest);
      if (credential) return counted(credential);
      const waitSeconds = failures.waitSeconds(address);
      if (waitSeconds !== null)
        throw new Problem(
          'too_many_requests',
          `Too many wrong credentials came from this address: wait ${waitSeconds} s.`,
          [],
          waitSeconds,
        );
      const found = isTooLong ? null : await lookedUp(presented, digest);
      if (found) return counted(found);
      failures.count(address);
      log.info({ address, prefix: shown(presented) }, 'a credential was refused');
      const what = looksLikeToken(presented) ? 'token' : 'API key';
      throw new Problem('unauthorized', `This ${what} is not valid: unknown, expired or revoked.`);
    },
  };
}

function fromKey(key: UsableKey | null): Credential | null {
  if (!key) return null;
  const { id, name, scopes, tenantId } = key;
  return { kind: 'key', id, name, scopes: new Set(scopes), tenantId };
}

/** Of a key of ours its beginning, as the list of keys shows it; of anything else nothing: it may be somebody's password. */
const shown = (presented: string): string | null =>
  presented.startsWith('ph_') ? prefixOf(presented) : null;
