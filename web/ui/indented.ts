/** Levels. What is deeper stands under them: a line of thousands of spaces, thousands of times, is more than a tab can hold. */
const DEEPEST_SHOWN = 40;

/**
 * JSON text with line breaks, token by token: never parsed and written again, so that long numbers, duplicate keys and escapes
 * stay as they are. What is no JSON comes back as it is.
 */
export function indented(text: string): string {
  let depth = 0;
  let out = '';
  // A string that does not end goes on to the end: looked for again from every quote in it, it would take minutes.
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\]:,]|[^\s"{}[\]:,]+/g);
  const line = () => `\n${'  '.repeat(Math.min(Math.max(0, depth), DEEPEST_SHOWN))}`;
  let before = '';
  for (const [token] of tokens) {
    if (token === '{' || token === '[') {
      depth += 1;
      out += before === '{' || before === '[' ? line().replace(/ {2}$/, '') : '';
      out += token;
    } else if (token === '}' || token === ']') {
      depth -= 1;
      out += before === '{' || before === '[' ? token : `${line()}${token}`;
    } else {
      if (before === '{' || before === '[') out += line();
      out += token;
      if (token === ':') out += ' ';
      if (token === ',') out += line();
    }
    before = token;
  }
  return /^\s*[{[]/.test(text) ? out : text;
}
