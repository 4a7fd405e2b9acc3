import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf something is done: goes along with the work, so that whatever it changes can say who asked for it. */
export interface Actor {
  /** `system`: nobody asked; Posthorn does it by itself. */
  kind: 'root' | 'key' | 'token' | 'system';
  /** Of the key or token. */
  id: string | null;
  /** A key's name, a token's subject. */
  name: string | null;
}

const SYSTEM: Actor = { kind: 'system', id: null, name: null };
const storage = new AsyncLocalStorage<Actor>();

export const onBehalfOf = <T>(actor: Actor, work: () => T): T => storage.run(actor, work);

export const currentActor = (): Actor => storage.getStore() ?? SYSTEM;
