/** What others have written, so that it is read as what it is. Pure. */

/**
 * Characters that are not seen, or turn around what is: bidirectional controls, zero-width and filling characters, tags, and controls other
 * than line breaks and tabs.
 */
export const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
const EACH = new RegExp(HIDDEN.source, 'gu');

/** Persian and emoji cannot be written without: joiners. */
const isOfWords = (char: string): boolean => char === '\u200c' || char === '\u200d';

const escape = (char: string): string => {
  const code = char.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
};

export const escaped = (text: string): string => text.replace(EACH, escape);

/** A name: `invoice\u202efdp.exe`, not as if it ended in ".pdf". */
export const visible = (text: string): string =>
  text.replace(EACH, (char) => (isOfWords(char) ? char : escape(char)));

/** An address as it will be asked for: a host in other letters than Latin ones may look like a host that it is not. */
export function visibleUrl(url: string): string {
  if (/^[\x21-\x7e]*$/.test(url)) return url;
  return URL.canParse(url) ? new URL(url).href : escaped(url);
}
