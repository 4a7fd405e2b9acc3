import { isRawNumber, parseJson } from '../../json.ts';

/** What a template sees of an event. */
export interface Input {
  id: string;
  type: string;
  timestamp: string;
  environment: string;
  tenant_id: string;
  data: Record<string, unknown>;
}

/** Numbers that JavaScript would round stay as they are written: they can be shown and handed on, not calculated with. */
export const readInput = (text: string): Input => parseJson(text) as Input;

/** What is there at `data.ticket.subject`; undefined: nothing. */
export function valueAt(input: Input, path: string): unknown {
  let found: unknown = input;
  for (const part of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}

/** For people, on a line or few, of at most so many characters. */
export function shown(value: unknown, maxChars: number): string {
  if (value === undefined || value === null || value === '') return '–';
  if (isRawNumber(value)) return shortened(value.rawJSON, maxChars);
  return shortened(typeof value === 'object' ? JSON.stringify(value) : String(value as string), maxChars);
}

/** Never in the middle of a character that takes two. */
export function shortened(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
