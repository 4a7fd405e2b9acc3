/** All words that are shown, in the reader's language. */
import { loadAgain } from '../unsaved.ts';
import { en, type Words } from './en.ts';

export type { Words };

/** Language → its words, loaded when they are wanted. English is there from the start. */
const OTHERS: Record<string, () => Promise<Words>> = {
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
  if (load) words = await load();
  language = load ? code : 'en';
  document.documentElement.lang = language;
}

export function switchLanguage(code: string): void {
  try {
    localStorage.setItem(STORED, code);
  } catch {
    // Kept nowhere: it lasts until the page is loaded again.
  }
  loadAgain();
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}
