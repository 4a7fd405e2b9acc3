/** All words that are shown, in the reader's language. English is complete, and stands in for what another one lacks. */
import { en, type Words } from './en.ts';

export type { Words };
type Partly<T> = { [K in keyof T]?: T[K] extends (...args: never[]) => string ? T[K] : Partly<T[K]> };
export type Translation = Partly<Words>;

/** Language → its words, loaded when they are wanted. */
const OTHERS: Record<string, () => Promise<Translation>> = {
  de: async () => (await import('./de.ts')).de,
};
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
];
const STORED = 'posthorn-language';

export let words: Words = en;
export let language = 'en';

/** Before anything is shown. `wanted`: by whoever embeds us; else as chosen here before, else as the browser says. */
export async function chooseLanguage(wanted: string | null): Promise<void> {
  const code = (wanted ?? stored() ?? navigator.language).slice(0, 2).toLowerCase();
  const load = OTHERS[code];
  if (load) words = merged(en, await load());
  language = load ? code : 'en';
  document.documentElement.lang = language;
}

export function switchLanguage(code: string): void {
  try {
    localStorage.setItem(STORED, code);
  } catch {
    // Kept nowhere: it lasts until the page is loaded again.
  }
  location.reload();
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function merged<T extends object>(base: T, over: Partly<T>): T {
  const entries = Object.entries(base).map(([name, value]) => {
    const other = (over as Record<string, unknown>)[name];
    if (other === undefined) return [name, value];
    const isGroup = typeof value === 'object' && value !== null;
    return [name, isGroup ? merged(value as object, other as object) : other];
  });
  return Object.fromEntries(entries) as T;
}
