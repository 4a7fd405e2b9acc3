/**
 * What others have sent is shown on terminals: control characters, and those that turn the direction of text, are written as
 * escapes, so that it can neither command the terminal nor look like another line.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** The same for text of several lines, whose line breaks stay. */
export const printableLines = (text: string): string => text.split(/\r?\n/).map(printable).join('\n');
