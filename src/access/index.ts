import type { Logger } from 'pino';
import type { Listener } from '../store/listener.ts';
import type { Pool } from '../store/pool.ts';
import type { Seal } from '../store/seal.ts';
import type { TenantStore } from '../store/tenants.ts';
import { createAuthenticator, type Authenticator } from './authenticator.ts';
import { createKeyRing } from './key-ring.ts';
import { createKeys, type Keys } from './keys.ts';
import { createRequestRates, type RequestRateLimits } from './request-rates.ts';
import { createTokenKeys } from './token-keys.ts';
import { createTokens, type Tokens } from './tokens.ts';

/** Who may do what: API keys, tenant tokens, and what a request presents of them. */
export interface Access {
  authenticator: Authenticator;
  keys: Keys;
  tokens: Tokens;
  stop(): Promise<void>;
}

export interface AccessDeps {
  /** The first admin's key. */
  rootKey: string;
  db: Pool;
  listener: Listener;
  seal: Seal;
  tenants: TenantStore;
  rates: RequestRateLimits;
  log: Logger;
}

export function createAccess({ rootKey, db, listener, seal, tenants, rates, log }: AccessDeps): Access {
  const ring = createKeyRing({ db, listener, log });
  const tokens = createTokens({ db, keys: createTokenKeys({ db, seal }), tenants, listener });
  const authenticator = createAuthenticator({ rootKey, ring, tokens, rates: createRequestRates(rates), log });
  return { authenticator, keys: createKeys({ db, tenants, ring }), tokens, stop: () => ring.stop() };
}
