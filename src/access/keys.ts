import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import {
  changeApiKey,
  findApiKey,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  type ApiKey,
} from '../store/api-keys.ts';
import type { Queryable } from '../store/pool.ts';
import type { TenantStore } from '../store/tenants.ts';
import type { Scope } from './credential.ts';
import type { KeyRing } from './key-ring.ts';
import { digestOf, newKeyText, prefixOf } from './key-text.ts';

/** What is done with API keys. */
export interface Keys {
  /** `text` is the key itself: shown this once. Throws a Problem. */
  create(wanted: NewKey): Promise<{ key: ApiKey; text: string }>;
  list(filter: { tenantId: string | null; before: string | null; limit: number }): Promise<ApiKey[]>;
  find(id: string): Promise<ApiKey | null>;
  /** What is left out stays. In other processes within a second. Null: there is no such key, or it is revoked. */
  change(id: string, change: KeyChange): Promise<ApiKey | null>;
  /** From now on it is refused; in other processes within a second. */
  revoke(id: string): Promise<ApiKey | null>;
}

export interface NewKey {
  name: string;
  scopes: Scope[];
  tenantId: string | null;
  expiresAt: Date | null;
}

export interface KeyChange {
  name?: string | undefined;
  expiresAt?: Date | null | undefined;
}

/** All of them are in the memory of every process that takes requests. */
export const MAX_KEYS = 100_000;

export interface KeysDeps {
  db: Queryable;
  tenants: TenantStore;
  ring: KeyRing;
}

export function createKeys({ db, tenants, ring }: KeysDeps): Keys {
  return {
    async create({ name, scopes, tenantId, expiresAt }) {
      if (tenantId !== null) await tenants.ensure(tenantId);
      const text = newKeyText();
      const made = { id: newId('key'), digest: digestOf(text), prefix: prefixOf(text) };
      const key = await insertApiKey(db, { ...made, name, scopes, tenantId, expiresAt }, MAX_KEYS);
      if (!key && tenantId !== null)
        throw Problem.field('tenant_id', `tenant "${tenantId}" is being deleted`);
      if (!key)
        throw Problem.field(
          'name',
          `there are ${MAX_KEYS} keys already: revoke some that are not used any more`,
        );
      return { key, text };
    },
    list: (filter) => listApiKeys(db, filter),
    find: (id) => findApiKey(db, id),
    async change(id, change) {
      const key = await changeApiKey(db, id, change);
      if (key) ring.changed(id);
      return key;
    },
    async revoke(id) {
      const key = await revokeApiKey(db, id);
      if (key) ring.changed(id);
      return key;
    },
  };
}
