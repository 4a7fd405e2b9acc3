import { useState } from 'react';
import { isSame, rebased } from './rebase.ts';

interface Held<T> {
  stored: T;
  typed: T;
  both: (keyof T)[];
}

/**
 * What is typed over what is stored. `stored` is another whenever somebody else changes it: that comes in where nothing was typed,
 * so that saving takes nothing back, and what both have changed is in `both`.
 */
export function useTyped<T extends object>(stored: T) {
  const [held, setHeld] = useState<Held<T>>({ stored, typed: stored, both: [] });
  const hold = (next: T): Held<T> => {
    const { merged, both } = rebased(held.stored, held.typed, next);
    return { stored: next, typed: merged, both: [...new Set([...held.both, ...both])] };
  };
  const now = isSame(held.stored, stored) ? held : hold(stored);
  if (now !== held) setHeld(now);
  return {
    ...now,
    both: now.both.filter((name) => !isSame(now.typed[name], now.stored[name])),
    set: (change: Partial<T>) => setHeld((before) => ({ ...before, typed: { ...before.typed, ...change } })),
  };
}
