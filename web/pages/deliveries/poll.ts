/** What stands in for the stream where it cannot be had: the first page, read now and then, and what is different in it. Pure. */
import type { Delivery } from '../../api/types.ts';

export interface Change {
  data: Delivery[];
  /** Of those that do not fit the filter any more. */
  gone: string[];
}

/** Id → the row as it was, as text. */
export type Seen = ReadonlyMap<string, string>;

export function changeOf(before: Seen | null, rows: readonly Delivery[]): { change: Change; seen: Seen } {
  const seen = new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
  const data = rows.filter((row) => before?.get(row.id) !== seen.get(row.id));
  // What is older than the last row may only have been pushed off the page.
  const lowest = rows.at(-1)?.id ?? '';
  const gone = [...(before?.keys() ?? [])].filter((id) => !seen.has(id) && id > lowest);
  return { change: { data, gone }, seen };
}

const SHORTEST_MS = 5_000;
const LONGEST_MS = 30_000;

/** Where nothing happens it is asked more and more seldom. */
export const nextPauseMs = (pauseMs: number | null, { data, gone }: Change): number =>
  pauseMs === null || data.length > 0 || gone.length > 0 ? SHORTEST_MS : Math.min(LONGEST_MS, pauseMs * 1.5);
