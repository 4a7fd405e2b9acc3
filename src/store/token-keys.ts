import type { Queryable } from './pool.ts';
import { UnsealError, type Seal } from './seal.ts';

/** Signs tenant tokens. */
export interface TokenKey {
  id: string;
  secret: Buffer;
  createdAt: Date;
}

const placeOf = (id: string): string => `${id}/token_key`;

/** Newest first; those that cannot be read in this process are left out. */
export async function listTokenKeys(db: Queryable, seal: Seal): Promise<TokenKey[]> {
  const { rows } = await db.query<{ id: string; secret: string; created_at: Date }>({
    text: 'SELECT id, secret, created_at FROM token_keys ORDER BY id DESC',
  });
  return rows.flatMap(({ id, secret, created_at: createdAt }) => {
    try {
      return [{ id, secret: Buffer.from(seal.open(secret, placeOf(id)), 'base64'), createdAt }];
    } catch (error) {
      if (error instanceof UnsealError) return [];
      throw error;
    }
  });
}

/** Adds one, and forgets those that were made before `forgetBefore`. */
export async function addTokenKey(
  db: Queryable,
  seal: Seal,
  { id, secret, forgetBefore }: { id: string; secret: Buffer; forgetBefore: Date },
): Promise<void> {
  await db.query({
    text: `WITH gone AS (DELETE FROM token_keys WHERE created_at < $3)
           INSERT INTO token_keys (id, secret) VALUES ($1, $2)`,
    values: [id, seal.close(secret.toString('base64'), placeOf(id)), forgetBefore],
  });
}
