/** A received body as a terminal may be shown it. */
import { printableLines } from '../../printable.ts';
import { jsonText } from '../output.ts';

/** The rest of a longer one is left out. */
export const SHOWN_CHARS = 4_000;

const { rawJSON } = JSON as typeof JSON & { rawJSON: (text: string) => unknown };

/** JSON with every digit as it was sent; undefined where it is not JSON. */
export function parseExact(text: string): unknown {
  try {
    return JSON.parse(text, exactNumber) as unknown;
  } catch {
    return undefined;
  }
}

/** Numbers that JavaScript would change are kept as their text, which JSON.stringify writes again. */
function exactNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return rawJSON(source);
}

/** Of bytes that are no UTF-8, base64. */
export function bodyText(body: Buffer): { text: string; isText: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(body), isText: true };
  } catch {
    return { text: body.toString('base64'), isText: false };
  }
}

/** Several lines, indented; JSON is laid out. */
export function shownBody(body: Buffer): string {
  if (body.length === 0) return '  (no body)';
  const { text, isText } = bodyText(body);
  const parsed = isText ? parseExact(text) : undefined;
  const whole = parsed === undefined ? printableLines(text) : jsonText(parsed, 2);
  const shown =
    whole.length <= SHOWN_CHARS
      ? whole
      : `${whole.slice(0, SHOWN_CHARS)}…\n(${whole.length - SHOWN_CHARS} characters more: --json has all of it)`;
  return (isText ? shown : `base64: ${shown}`)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
