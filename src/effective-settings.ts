/** The settings as they are, for people: what was set, what holds where nothing was, and never a secret. Pure. */

export interface EffectiveSetting {
  /** The environment variable. */
  name: string;
  /** As it would be set; null: it is not set and nothing holds in its place, or it is a secret. */
  value: string | null;
  isSet: boolean;
  /** Its value is not shown, or not all of it. */
  isHidden: boolean;
}

/** Nothing of these is shown. */
const KEYS = new Set(['POSTHORN_API_KEY', 'POSTHORN_ENCRYPTION_KEY', 'POSTHORN_ENCRYPTION_KEYS']);
const HIDDEN = '•••';

/**
 * `given`: the environment, as far as it is set. `holding`: name → what holds, as the environment was read. `decided`: what
 * follows from other settings where one is not set.
 */
export function effectiveSettings(
  given: Record<string, string | undefined>,
  holding: Record<string, unknown>,
  decided: Record<string, unknown>,
): EffectiveSetting[] {
  return Object.keys({ ...holding, ...decided }).map((name) => {
    const set = given[name];
    const isSet = set !== undefined;
    if (KEYS.has(name)) return { name, value: null, isSet, isHidden: isSet };
    const text = set ?? textOf(decided[name] ?? holding[name]);
    const value = text === null ? null : withoutCredentials(text);
    return { name, value, isSet, isHidden: value !== text };
  });
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

/** `postgres://ada:secret@host/db?sslkey=x` → `postgres://ada:•••@host/db?•••`. What cannot be read as a URL is hidden whole. */
export function withoutCredentials(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  // Several addresses with commas between them have no credentials: their setting admits none.
  if (text.includes(',') && !text.includes('@')) return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  // A password with a "/", "?" or "#" that nobody encoded stands behind the host then.
  if (!url || /@|%40/.test(url.pathname + url.search + url.hash)) return HIDDEN;
  const { username, password } = url;
  const who = password !== '' ? `${username}:${HIDDEN}@` : username !== '' ? `${HIDDEN}@` : '';
  return `${url.protocol}//${who}${url.host}${url.pathname}${url.search && `?${HIDDEN}`}${url.hash && `#${HIDDEN}`}`;
}
