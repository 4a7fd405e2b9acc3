/** Text from outside in the Web UI's Markdown: names, hosts and answers are shown as they are, and do nothing. Pure. */
const MAX_CHARS = 80;

/** Of a table. */
export function cell(text: string): string {
  const plain = text.slice(0, MAX_CHARS).replace(/\s+/g, ' ');
  return plain.replace(/[\\`*{}[\]<>()#!|~&]/g, (character) => `\\${character}`);
}

/** Between backquotes. */
export const code = (text: string): string => text.slice(0, 2 * MAX_CHARS).replace(/[`|\s]/g, '');
