import type { Logger } from 'pino';
import { noteKeyUses, usableApiKeys, type UsableKey } from '../store/api-keys.ts';
import { CHANNELS, type Listener } from '../store/listener.ts';
import type { Queryable } from '../store/pool.ts';
import { createFreshLookUps } from './fresh-look-ups.ts';
import { HEARD_WITHIN_MS } from './revocation.ts';

/**
 * All usable keys, in memory: a request costs no query, and neither does a wrong key. Changes come by notification; while
 * those may be missed, the table is asked about each key that is presented.
 */
export interface KeyRing {
  /** By the key's digest, from memory. Null: none is known, or it has expired or was revoked. */
  find(digest: string): Promise<UsableKey | null>;
  /** The same from the table, where it may be before it is known here. */
  lookUp(digest: string): Promise<UsableKey | null>;
  /** This process has changed it: what is known of it counts no more. */
  changed(id: string): void;
  stop(): Promise<void>;
}

/** Last uses are written this often. */
const NOTE_USES_EVERY_MS = 30_000;
/** And no finer than this. */
const USE_STEP_MS = 60_000;

export interface KeyRingDeps {
  db: Queryable;
  listener: Listener;
  log: Logger;
}

export function createKeyRing({ db, listener, log }: KeyRingDeps): KeyRing {
  const byDigest = new Map<string, UsableKey>();
  const byId = new Map<string, UsableKey>();
  /** Unix ms of the last use that has not been written; and of the last that has. */
  const used = new Map<string, number>();
  const noted = new Map<string, number>();
  /** Ids that were said to have changed and have not been read since; null: nothing is known. */
  let stale: Set<string> | null = null;
  let reading: Promise<void> | null = null;

  function noteChange(id: string): void {
    stale?.add(id);
    refreshSoon();
  }
  listener.on(CHANNELS.keys, noteChange);
  listener.onConnect(() => {
    stale = null;
    refreshSoon();
  });

  const isComplete = (): boolean => reading === null && stale?.size === 0;

  const usableNow = createFreshLookUps<UsableKey | null>(async (digest) => {
    const [key] = await usableApiKeys(db, { digest });
    return key ?? null;
  });

  async function read(): Promise<void> {
    const ids = stale && [...stale];
    stale = new Set();
    try {
      const keys = await usableApiKeys(db, ids ? { ids } : 'all');
      for (const id of ids ?? [...byId.keys()]) forget(id);
      for (const key of keys) remember(key);
    } catch (error) {
      stale = null;
      throw error;
    }
  }

  function remember(key: UsableKey): void {
    byDigest.set(key.digest, key);
    byId.set(key.id, key);
  }

  function forget(id: string): void {
    const key = byId.get(id);
    if (key) byDigest.delete(key.digest);
    byId.delete(id);
  }

  /** One at a time; whoever asks meanwhile may ask again when it is done, since that one may have begun too early. */
  async function refresh(): Promise<void> {
    if (reading) await reading;
    if (isComplete()) return;
    await (reading ??= read().finally(() => (reading = null)));
  }

  function refreshSoon(): void {
    // A fault is told to whoever presents a key next.
    refresh().catch(() => {});
  }

  function noteUse(id: string): void {
    const now = Date.now();
    if (now - (noted.get(id) ?? 0) >= USE_STEP_MS) used.set(id, now);
  }

  async function writeUses(): Promise<void> {
    if (used.size === 0) return;
    const uses = [...used].map(([id, atMs]) => ({ id, at: new Date(atMs) }));
    used.clear();
    try {
      await noteKeyUses(db, uses);
      for (const { id, at } of uses) if (byId.has(id)) noted.set(id, at.getTime());
    } catch (error) {
      log.warn({ err: error }, 'when API keys were last used could not be noted');
    }
  }
  const timer = setInterval(() => void writeUses(), NOTE_USES_EVERY_MS).unref();

  return {
    async find(digest) {
      if (!isComplete()) await refresh();
      let key = byDigest.get(digest) ?? null;
      // What is not known here is looked up by whoever may ask for that.
      if (key && !listener.hasHeard(HEARD_WITHIN_MS)) key = await usableNow(digest);
      if (!key) return null;
      if (key.expiresAt !== null && key.expiresAt.getTime() <= Date.now()) {
        forget(key.id);
        return null;
      }
      noteUse(key.id);
      return key;
    },
    async lookUp(digest) {
      const [key] = await usableApiKeys(db, { digest });
      // Kept by the notification that tells of it: what is read here may be overtaken by one that revokes it.
      if (key) noteUse(key.id);
      return key ?? null;
    },
    changed: noteChange,
    stop() {
      clearInterval(timer);
      return writeUses();
    },
  };
}
