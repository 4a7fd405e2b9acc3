/** JSON with every digit as it was sent, for command line and browser. Pure. */

/** Missing in older browsers: there numbers come as JavaScript has them. */
const { rawJSON } = JSON as typeof JSON & { rawJSON?: (text: string) => unknown };

/** Undefined where it is not JSON. */
export function parseExact(text: string): unknown {
  try {
    return JSON.parse(text, exactNumber) as unknown;
  } catch {
    return undefined;
  }
}

/** A JSON object, not a list and not null; undefined where it is anything else. */
export function parseExactObject(text: string): Record<string, unknown> | undefined {
  const value = parseExact(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !isRaw(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

/** Numbers that JavaScript would change are kept as their text, which JSON.stringify writes again. */
function exactNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return rawJSON ? rawJSON(source) : value;
}

const isRaw = (value: object): boolean =>
  (JSON as typeof JSON & { isRawJSON?: (value: unknown) => boolean }).isRawJSON?.(value) ?? false;
