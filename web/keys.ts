/** Single keys: what they do where the focus is, never in a field, and not at all once they are switched off (WCAG 2.1.4). */
import { useEffect, useSyncExternalStore } from 'react';

const STORED = 'posthorn-keys';

function readStored(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    return true;
  }
}

let areOn = readStored();
const listeners = new Set<() => void>();

export function setKeysOn(on: boolean): void {
  areOn = on;
  try {
    if (on) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, 'off');
  } catch {
    // Kept nowhere: it lasts until the page is loaded again.
  }
  for (const tell of listeners) tell();
}

export const useKeysOn = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => areOn,
  );

/** Of React and of the browser. */
interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  target: EventTarget | null;
  preventDefault: () => void;
}

const FIELDS = 'input:not([type=checkbox]), textarea, select, [contenteditable]';

/** By the character or name of the key. False: it does nothing here. */
export function runKey(event: Pressed, actions: Record<string, (() => void) | undefined>): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if ((event.target as Element | null)?.matches?.(FIELDS)) return false;
  const action = actions[event.key];
  // Escape and its like are no characters: nobody types them by mistake.
  if (!action || (!areOn && event.key.length === 1)) return false;
  event.preventDefault();
  action();
  return true;
}

/** Keys that nobody on the page has handled; with `capture`, before anybody does. A dialog is for itself. */
export function useKeys(onKey: (event: KeyboardEvent) => void, { capture = false } = {}): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!event.defaultPrevented && !document.querySelector('[role=dialog]')) onKey(event);
    };
    document.addEventListener('keydown', pressed, { capture });
    return () => document.removeEventListener('keydown', pressed, { capture });
  });
}

/** Escape, wherever on the page the focus is, but in a field. First of all: what a dialog does with it is none of our business. */
export const useEscape = (action: () => void): void =>
  useKeys((event) => void runKey(event, { Escape: action }), { capture: true });
