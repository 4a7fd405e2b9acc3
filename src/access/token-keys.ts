import { randomBytes } from 'node:crypto';
import { newId } from '../ids.ts';
import type { Queryable } from '../store/pool.ts';
import type { Seal } from '../store/seal.ts';
import { addTokenKey, listTokenKeys, type TokenKey } from '../store/token-keys.ts';

/** The keys that sign tenant tokens: made here when there is none, or the newest is old. */
export interface TokenKeys {
  toSign(): Promise<TokenKey>;
  /** Null: no such key, or it is too old. */
  toVerify(id: string): Promise<TokenKey | null>;
}

const DAY_MS = 24 * 3_600_000;
const SIGNS_FOR_MS = 30 * DAY_MS;
/** Longer than a token lives. */
const VERIFIES_FOR_MS = SIGNS_FOR_MS + 2 * DAY_MS;
/** Keys that nobody knows can be asked for by anybody. */
const READ_AGAIN_AFTER_MS = 1_000;

export function createTokenKeys({ db, seal }: { db: Queryable; seal: Seal }): TokenKeys {
  let keys: TokenKey[] = [];
  let readAtMs = -Infinity;
  let making: Promise<void> | null = null;
  let reading: Promise<void> | null = null;

  const ageMs = (key: TokenKey): number => Date.now() - key.createdAt.getTime();

  async function read(): Promise<void> {
    const beganAtMs = performance.now();
    keys = await listTokenKeys(db, seal);
    readAtMs = beganAtMs;
  }

  /** Of many requests that come at once, as when a page is opened, one reads and all wait for it. */
  const readOnce = (): Promise<void> => (reading ??= read().finally(() => (reading = null)));

  async function make(): Promise<void> {
    await read();
    // Another process has made one.
    if (keys[0] && ageMs(keys[0]) < SIGNS_FOR_MS) return;
    const forgetBefore = new Date(Date.now() - VERIFIES_FOR_MS);
    await addTokenKey(db, seal, { id: newId('sig'), secret: randomBytes(32), forgetBefore });
    await read();
  }

  return {
    async toSign() {
      if (!keys[0] || ageMs(keys[0]) >= SIGNS_FOR_MS)
        await (making ??= make().finally(() => (making = null)));
      return keys[0]!;
    },
    async toVerify(id) {
      const find = () => keys.find((key) => key.id === id && ageMs(key) < VERIFIES_FOR_MS) ?? null;
      const known = find();
      if (known || (!reading && performance.now() - readAtMs < READ_AGAIN_AFTER_MS)) return known;
      await readOnce();
      return find();
    },
  };
}
