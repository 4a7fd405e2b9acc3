import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import { newId } from '../ids.ts';
import { writeAudit } from '../store/audit.ts';
import type { Queryable } from '../store/pool.ts';
import { CHANNELS, type Listener } from '../store/listener.ts';
import type { TenantStore } from '../store/tenants.ts';
import { CAPABILITIES, type Capability, type Credential } from './credential.ts';
import { createFreshLookUps } from './fresh-look-ups.ts';
import { HEARD_WITHIN_MS } from './revocation.ts';
import type { TokenKeys } from './token-keys.ts';

/** Short-lived tokens for a page in a customer's browser: good for one tenant, and for what its capability says. */
export interface Tokens {
  issue(request: TokenRequest): Promise<{ token: string; id: string; expiresAt: Date }>;
  /** Null: forged, expired or revoked. */
  verify(token: string): Promise<Credential | null>;
  /** Ends all tokens of the tenant: in every process within a second. */
  revokeAll(tenantId: string): Promise<void>;
}

export interface TokenRequest {
  tenantId: string;
  capability: Capability;
  expiresInSeconds: number;
  /** Who sits before the page, as the platform calls them. */
  subject: string | null;
}

export const MAX_TOKEN_SECONDS = 24 * 3600;
const ISSUER = 'posthorn';
const MAX_TENANTS = 10_000;

export interface TokensDeps {
  db: Queryable;
  keys: TokenKeys;
  tenants: TenantStore;
  listener: Listener;
}

/** As an API key never does. */
export const looksLikeToken = (text: string): boolean => /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(text);

export function createTokens({ db, keys, tenants, listener }: TokensDeps): Tokens {
  const epochs = new LRUCache<string, { epoch: string | null }>(atMost(MAX_TENANTS));
  const epochNow = createFreshLookUps((tenantId) => tenants.tokenEpoch(tenantId));
  let changes = 0;
  const forget = (how: () => void) => {
    changes += 1;
    how();
  };
  listener.on(CHANNELS.tenants, (tenantId) => forget(() => epochs.delete(tenantId)));
  listener.onConnect(() => forget(() => epochs.clear()));

  /** Null: there is no such tenant, or it is being deleted. */
  async function epochOf(tenantId: string): Promise<string | null> {
    if (!listener.hasHeard(HEARD_WITHIN_MS)) return epochNow(tenantId);
    const known = epochs.get(tenantId);
    if (known) return known.epoch;
    const changesBefore = changes;
    const epoch = await tenants.tokenEpoch(tenantId);
    if (changes === changesBefore) epochs.set(tenantId, { epoch });
    return epoch;
  }

  return {
    async issue({ tenantId, capability, expiresInSeconds, subject }) {
      await tenants.ensure(tenantId);
      const [key, epoch] = await Promise.all([keys.toSign(), tenants.tokenEpoch(tenantId)]);
      const id = newId('tok');
      const nowSeconds = Math.floor(Date.now() / 1000);
      const expiresAt = new Date((nowSeconds + expiresInSeconds) * 1000);
      const token = await new SignJWT({ tenant: tenantId, capability, epoch })
        .setProtectedHeader({ alg: 'HS256', kid: key.id })
        .setIssuer(ISSUER)
        .setJti(id)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(expiresAt)
        .setSubject(subject ?? '')
        .sign(key.secret);
      const after = { id, capability, subject, expires_at: expiresAt };
      await writeAudit(db, [{ tenantId, action: 'token.issued', subjectId: tenantId, after }]);
      return { token, id, expiresAt };
    },
    async verify(token) {
      const claims = await claimsOf(token, keys);
      if (!claims) return null;
      const { tenant, capability, epoch, jti, sub } = claims;
      const isOurs = typeof tenant === 'string' && CAPABILITIES.includes(capability as Capability);
      if (!isOurs || typeof epoch !== 'string' || (await epochOf(tenant)) !== epoch) return null;
      return {
        kind: 'token',
        id: jti ?? null,
        name: sub || null,
        scopes: new Set([capability as Capability]),
        tenantId: tenant,
      };
    },
    revokeAll: (tenantId) => tenants.renewTokenEpoch(tenantId),
  };
}

/** Of a token that one of our keys has signed and that has not expired. */
async function claimsOf(token: string, keys: TokenKeys) {
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = typeof kid === 'string' ? await keys.toVerify(kid) : null;
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key.secret;
      },
      { algorithms: ['HS256'], issuer: ISSUER, requiredClaims: ['exp', 'jti'] },
    );
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
