/** Everything that commands print. What is asked for goes to stdout; what is said beside it, and errors, to stderr. */
import { styleText } from 'node:util';
import { printable, printableLines } from '../printable.ts';

export type Style = Parameters<typeof styleText>[0];

export interface Output {
  readonly json: boolean;
  /** The one answer of a command: as JSON where that is asked for, else as `show` prints it. */
  answer(value: unknown, show: () => void): void;
  /** One of many, as they come: a line of JSON, or what `show` prints. */
  record(value: unknown, show: () => void): void;
  /** A line for people; `text` may be styled, and what others have written in it must be printable. */
  line(text?: string): void;
  /** For whoever sits there, beside the answer: never on stdout. */
  note(text: string): void;
  table(rows: readonly (readonly Cell[])[], head: readonly string[]): void;
  /** Names and values, one a line; null and undefined are left out. */
  fields(pairs: readonly (readonly [name: string, value: Cell])[]): void;
  style(style: Style, text: string): string;
}

export type Cell = string | number | boolean | null | undefined | Styled;
/** What others have written, in a style: made printable before. */
export interface Styled {
  text: string;
  style: Style;
}

export interface OutputOptions {
  json: boolean;
  color: boolean;
  /** Take whole lines, with their ends. */
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

export function createOutput({ json, color, stdout, stderr }: OutputOptions): Output {
  const style = (wanted: Style, text: string) =>
    color ? styleText(wanted, text, { validateStream: false }) : text;
  const textOf = (cell: Cell) => {
    if (cell === null || cell === undefined) return '';
    return printable(typeof cell === 'object' ? cell.text : String(cell));
  };
  const styled = (cell: Cell, text: string) =>
    typeof cell === 'object' && cell !== null ? style(cell.style, text) : text;
  const line = (text = '') => stdout(`${text}\n`);

  return {
    json,
    style,
    line,
    answer(value, show) {
      if (json) stdout(`${jsonText(value, 2)}\n`);
      else show();
    },
    record(value, show) {
      if (json) stdout(`${jsonText(value)}\n`);
      else show();
    },
    note: (text) => stderr(`${printableLines(text)}\n`),
    table(rows, head) {
      const texts = [head, ...rows.map((row) => row.map(textOf))];
      const widths = head.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)));
      texts.forEach((row, n) => {
        const cells = row.map((text, column) => {
          const padded = column === row.length - 1 ? text : text.padEnd(widths[column]!);
          return n === 0 ? style('dim', padded) : styled(rows[n - 1]![column], padded);
        });
        line(cells.join('  ').trimEnd());
      });
    },
    fields(pairs) {
      const shown = pairs.filter(([, value]) => value !== null && value !== undefined);
      const names = shown.map(([name]) => printable(name));
      const width = Math.max(0, ...names.map((name) => name.length));
      shown.forEach(([, value], n) =>
        line(`${style('dim', names[n]!.padEnd(width))}  ${styled(value, textOf(value))}`),
      );
    },
  };
}

/** JSON that a terminal may be shown: what JSON leaves as it is, and a terminal may take for a command, is escaped. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value ?? null, null, indent);
  return text.replace(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, escapeUnit);
}

const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** NO_COLOR and FORCE_COLOR as everywhere; else where a terminal looks at it. */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}

/** Statuses of deliveries, replays and checks, in the colours people expect. */
export function statusStyle(status: string): Style {
  if (['succeeded', 'completed', 'ok', 'enabled'].includes(status)) return 'green';
  if (['failed', 'fail', 'refused'].includes(status)) return 'red';
  if (['retrying', 'warn', 'held', 'paused', 'disabled'].includes(status)) return 'yellow';
  return status === 'cancelled' ? 'dim' : 'cyan';
}

export const status = (text: string): Styled => ({ text, style: statusStyle(text) });
