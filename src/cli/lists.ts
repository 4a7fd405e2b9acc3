/** Lists, a page or as many as are asked for. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { List } from '../sdk/client/index.ts';
import { printable } from '../printable.ts';
import type { Cell, Output } from './output.ts';
import { wholeNumber } from './values.ts';

export interface ListOptions {
  limit: number;
  cursor?: string;
  all?: boolean;
}

const LONGEST_PAGE = 200;

export function listOptions(command: Command): Command {
  return command
    .addOption(new Option('--limit <n>', 'how many').argParser(wholeNumber(1, 1_000_000)).default(50))
    .option('--cursor <cursor>', 'go on from the next_cursor of an answer')
    .option('--all', 'all there are; with --json a line for each');
}

export interface Shown<Row> {
  head: string[];
  row: (row: Row) => Cell[];
  /** Where there is none. */
  none: string;
}

/** `make` gives the list with so many rows a page. */
export async function showList<Row>(
  output: Output,
  options: ListOptions,
  make: (limit: number) => List<Row>,
  { head, row, none }: Shown<Row>,
): Promise<void> {
  if (options.all) return showAll(output, make(LONGEST_PAGE), options.cursor, { head, row, none });
  const data: Row[] = [];
  let cursor = options.cursor;
  let next: string | null;
  do {
    const page = await make(Math.min(LONGEST_PAGE, options.limit - data.length)).page(cursor);
    data.push(...page.data);
    next = page.next_cursor;
    cursor = next ?? undefined;
  } while (next !== null && data.length < options.limit);
  output.answer({ data, next_cursor: next }, () => {
    if (data.length > 0) output.table(data.map(row), head);
    else output.note(none);
    if (next !== null) output.note(printable(`There are more: --all, or --cursor ${next}`));
  });
}

/** Page by page, so that a million take no memory. */
async function showAll<Row>(
  output: Output,
  list: List<Row>,
  from: string | undefined,
  { head, row, none }: Shown<Row>,
): Promise<void> {
  let count = 0;
  let cursor = from;
  for (;;) {
    const { data, next_cursor: next } = await list.page(cursor);
    if (output.json) for (const one of data) output.record(one, () => {});
    else if (data.length > 0) output.table(data.map(row), head);
    count += data.length;
    if (next === null) break;
    cursor = next;
  }
  if (count === 0) output.note(none);
}
