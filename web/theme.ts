/** Light or dark, and what a page around us wants to look different. */
export type Theme = 'system' | 'light' | 'dark';

const STORED = 'posthorn-theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
let chosen: Theme = stored();

function stored(): Theme {
  try {
    const value = localStorage.getItem(STORED);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

export const chosenTheme = (): Theme => chosen;

/** How often colours have changed. */
let changes = 0;
const listeners = new Set<() => void>();

export const colorChanges = (): number => changes;

/** For what is drawn with colours, and not by the page's style. Returns what ends it. */
export function onColorChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tellOfColors(): void {
  changes += 1;
  for (const listener of listeners) listener();
}

export function applyTheme(): void {
  const isDark = chosen === 'dark' || (chosen === 'system' && systemIsDark.matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  tellOfColors();
}
systemIsDark.addEventListener('change', applyTheme);

export function setTheme(next: Theme, keep = true): void {
  chosen = next;
  applyTheme();
  if (!keep) return;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Kept nowhere: it lasts until the page is loaded again.
  }
}

/** Colours, lengths and fonts; nothing that could load something. */
const VALUE = /^[\w\s#.,%()'"-]{1,120}$/;

/** `{accent: '#0a7', radius: '4px'}` → --ph-accent, --ph-radius. */
export function setVariables(variables: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!/^[a-z0-9-]{1,20}$/.test(name) || typeof value !== 'string') continue;
    if (VALUE.test(value) && !/url|image/i.test(value))
      document.documentElement.style.setProperty(`--ph-${name}`, value);
  }
  tellOfColors();
}
