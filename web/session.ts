/** Who is signed in. API keys live in this tab (sessionStorage) at most, tokens in memory only, and neither in an address. */
import { useSyncExternalStore } from 'react';
import { loadAgain } from './unsaved.ts';

export interface Session {
  credential: string;
  kind: 'key' | 'token';
}

const STORED = 'posthorn-key';
export const isEmbedded = /^\/embed(\/|$)/.test(location.pathname);

let session: Session | null = readStored();
let isRefused = false;
const listeners = new Set<() => void>();

function readStored(): Session | null {
  if (isEmbedded) return null;
  try {
    const key = sessionStorage.getItem(STORED);
    return key === null ? null : { credential: key, kind: 'key' };
  } catch {
    return null;
  }
}

function change(next: Session | null, refused: boolean): void {
  session = next;
  isRefused = refused;
  // A frame has nothing to do with whoever is signed in beside it.
  if (isEmbedded) return listeners.forEach((tell) => tell());
  try {
    if (next?.kind === 'key') sessionStorage.setItem(STORED, next.credential);
    else sessionStorage.removeItem(STORED);
  } catch {
    // A browser that keeps nothing: the key stays in memory.
  }
  for (const tell of listeners) tell();
}

export const currentSession = (): Session | null => session;
export const signIn = (next: Session): void => change(next, false);
/** And nothing of what was shown is left for the next one who signs in here. */
export function signOut(): void {
  change(null, false);
  loadAgain();
}

/** The API said 401 to this credential: it has expired or was revoked. A newer one is left alone. */
export function refuse(credential: string): void {
  if (session?.credential === credential) change(null, true);
}

/**
 * Browsers keep pages that were left, with all that is in them, and show them again on Back: not to the next one, after another page in
 * this tab has signed out.
 */
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && session?.kind === 'key' && readStored()?.credential !== session.credential) loadAgain();
});

export const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useSession = (): Session | null => useSyncExternalStore(subscribe, currentSession);
/** Whether the last credential was refused, and no other has been given since. */
export const hasEnded = (): boolean => isRefused;
/** So that the sign-in can say so, and what was typed is kept. */
export const useWasRefused = (): boolean => useSyncExternalStore(subscribe, hasEnded);
