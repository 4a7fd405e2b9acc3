/** Text cut into what is coloured differently. Characters that hide or turn text around are shown as escapes. Pure. */
export interface Token {
  kind: 'plain' | 'key' | 'string' | 'number' | 'escape';
  text: string;
}

/** Bidirectional controls, zero-width characters, and controls other than line breaks and tabs. */
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const TOKEN = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;

export function tokensOf(text: string): Token[] {
  if (!/^\s*[{["]/.test(text)) return withEscapes({ kind: 'plain', text });
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
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
  return tokens.filter((token) => token.text !== '').flatMap(withEscapes);
}

function withEscapes(token: Token): Token[] {
  if (!HIDDEN.test(token.text)) return [token];
  return token.text
    .split(new RegExp(`(${HIDDEN.source})`))
    .filter((part) => part !== '')
    .map((part) =>
      HIDDEN.test(part)
        ? { kind: 'escape', text: `\\u${part.charCodeAt(0).toString(16).padStart(4, '0')}` }
        : { ...token, text: part },
    );
}
