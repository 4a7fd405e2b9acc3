/** Who asks, and what they may do. */

/** `manage` includes `read`; `admin` includes everything. */
export const SCOPES = ['admin', 'publish', 'manage', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a token in a customer's browser can be good for. */
export const CAPABILITIES = ['manage', 'read'] as const;
export type Capability = (typeof CAPABILITIES)[number];

export interface Credential {
  /** `root`: the key of POSTHORN_API_KEY, or the one that was made at the first start. */
  kind: 'root' | 'key' | 'token';
  /** Of the key, or of the token; null: root. */
  id: string | null;
  /** A key's name, a token's subject: for people. */
  name: string | null;
  scopes: ReadonlySet<Scope>;
  /** The only tenant it is good for; null: all of them. */
  tenantId: string | null;
}

export const ROOT: Credential = {
  kind: 'root',
  id: null,
  name: null,
  scopes: new Set<Scope>(['admin']),
  tenantId: null,
};

/** What a request needs. `any`: whoever is known here. */
export type Need = Scope | 'any';

export function allows({ scopes }: Credential, need: Need): boolean {
  if (need === 'any' || scopes.has('admin') || scopes.has(need)) return true;
  return need === 'read' && scopes.has('manage');
}
