/** A received body as a terminal may be shown it. */
import { parseExact } from '../../exact-json.ts';
import { printableLines } from '../../printable.ts';
import { jsonText } from '../output.ts';

/** The rest of a longer one is left out. */
export const SHOWN_CHARS = 4_000;

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
