/** Text cut into what is coloured differently. Characters that hide or turn text around are shown as escapes. Pure. */
import { escaped, HIDDEN } from './visible.ts';

export interface Token {
  kind: 'plain' | 'key' | 'string' | 'number' | 'escape';
  text: string;
}

const TOKEN = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;

/** An element for each of some hundred thousand, as a MiB of zeros would have, is more than a tab can hold: what follows is not coloured. */
const MOST_TOKENS = 8_000;

export function tokensOf(text: string): Token[] {
  if (!/^\s*[{["]/.test(text)) return withEscapes([{ kind: 'plain', text }]);
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (tokens.length >= MOST_TOKENS) break;
    const [whole, string, colon] = match;
    if (match.index > end) tokens.push({ kind: 'plain', text: text.slice(end, match.index) });
    if (string === undefined) tokens.push({ kind: 'number', text: whole });
    else
      tokens.push(
        { kind: colon === undefined ? 'string' : 'key', text: string },
        { kind: 'plain', text: colon ?? '' },
      );
    end = match.index + whole.length;
  }
  tokens.push({ kind: 'plain', text: text.slice(end) });
  return withEscapes(tokens.filter((token) => token.text !== ''));
}

const ESCAPED = new RegExp(`(${HIDDEN.source}+)`, 'u');

/** Escapes have a colour of their own, so that nobody takes them for what was written; at last, they are at least seen. */
function withEscapes(tokens: Token[]): Token[] {
  const shown: Token[] = [];
  for (const token of tokens) {
    const parts =
      HIDDEN.test(token.text) && shown.length < MOST_TOKENS
        ? token.text.split(ESCAPED, MOST_TOKENS - shown.length)
        : [];
    let length = 0;
    for (const [index, part] of parts.entries()) {
      length += part.length;
      if (part !== '')
        shown.push(index % 2 === 1 ? { kind: 'escape', text: escaped(part) } : { ...token, text: part });
    }
    const rest = token.text.slice(length);
    if (rest !== '') shown.push({ ...token, text: escaped(rest) });
  }
  return shown;
}
