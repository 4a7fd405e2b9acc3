/** What one types over what is stored, when somebody else stores something meanwhile. Pure. */

export interface Rebased<T> {
  /** What was typed, and where nothing was, what is stored by now. */
  merged: T;
  /** What both changed, and not to the same. */
  both: (keyof T)[];
}

export const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

export function rebased<T extends object>(before: T, typed: T, stored: T): Rebased<T> {
  const merged = { ...typed };
  const both: (keyof T)[] = [];
  for (const name of Object.keys(stored) as (keyof T)[]) {
    if (isSame(stored[name], before[name]) || isSame(stored[name], typed[name])) continue;
    if (isSame(typed[name], before[name])) merged[name] = stored[name];
    else both.push(name);
  }
  return { merged, both };
}
