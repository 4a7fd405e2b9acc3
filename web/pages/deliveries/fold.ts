/** Equal failures in a row become one line: "503 × 38, 14:02–14:31". Pure. */
import type { Delivery } from '../../api/types.ts';

export type Item =
  | { kind: 'row'; row: Delivery; /** Of an opened run. */ within?: string }
  | { kind: 'run'; id: string; rows: Delivery[]; isOpen: boolean };

export const keyOf = (item: Item): string => (item.kind === 'run' ? `run ${item.id}` : item.row.id);

const FOLDED_FROM = 4;
const likeness = (row: Delivery): string | null =>
  row.status === 'failed' || row.status === 'retrying'
    ? [row.status, row.endpoint_id, row.last_status_code, row.last_error_class].join(' ')
    : null;

/** `opened`: ids of runs, which are those of their last (lowest) rows: they stay when more comes on top. */
export function fold(rows: readonly Delivery[], opened: ReadonlySet<string>): Item[] {
  const items: Item[] = [];
  for (let start = 0; start < rows.length;) {
    const like = likeness(rows[start]!);
    let end = start + 1;
    while (like !== null && end < rows.length && likeness(rows[end]!) === like) end += 1;
    const run = rows.slice(start, end);
    if (run.length < FOLDED_FROM) items.push(...run.map((row) => ({ kind: 'row' as const, row })));
    else {
      const id = run.at(-1)!.id;
      const isOpen = opened.has(id);
      items.push({ kind: 'run', id, rows: run, isOpen });
      if (isOpen) items.push(...run.map((row) => ({ kind: 'row' as const, row, within: id })));
    }
    start = end;
  }
  return items;
}
