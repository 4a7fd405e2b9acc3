/** The pages of a list, while rows come in and change. Pure. */
import type { Delivery, DeliveryWithAttempts, Schemas } from '../../api/types.ts';

export const PAGE_ROWS = 50;
type Page = Schemas['DeliveryPage'];
/** As TanStack Query has them; by name, its types would bring those of React into every test. */
export interface Pages {
  pages: Page[];
  pageParams: string[];
}

/** What has come and is not shown. `hasGap`: and more, of which nobody has told. */
export interface Waiting {
  rows: readonly Delivery[];
  hasGap: boolean;
}
export const NOTHING_WAITS: Waiting = { rows: [], hasGap: false };

const idsIn = ({ pages }: Pages): Set<string> =>
  new Set(pages.flatMap((page) => page.data.map(({ id }) => id)));

/** Rows that are known are changed where they stand. Says which are not known. */
export function mergeRows(pages: Pages, rows: readonly Delivery[]): { pages: Pages; unknown: Delivery[] } {
  const changed = new Map(rows.map((row) => [row.id, row]));
  const merged = pages.pages.map((page) => ({
    ...page,
    data: page.data.map((row) => changed.get(row.id) ?? row),
  }));
  const known = idsIn(pages);
  return { pages: { ...pages, pages: merged }, unknown: rows.filter(({ id }) => !known.has(id)) };
}

const isOpen = ({ status }: Delivery): boolean =>
  status === 'pending' || status === 'retrying' || status === 'held';

/**
 * A row as its delivery is by now, which was read by itself: further down than the first page, no stream tells of it. What was
 * read earlier than the row changes nothing.
 */
export function rowOf(row: Delivery, now: DeliveryWithAttempts): Delivery {
  const isLater =
    now.attempt_count > row.attempt_count ||
    (now.attempt_count === row.attempt_count && isOpen(row) && !isOpen(now));
  if (!isLater) return row;
  const last = now.attempts.at(-1);
  return {
    ...row,
    ...{ status: now.status, attempt_count: now.attempt_count, next_attempt_at: now.next_attempt_at },
    ...{ last_status_code: now.last_status_code, last_error_class: now.last_error_class },
    ...(row.last_attempt && last && { last_attempt: { ...row.last_attempt, duration_ms: last.duration_ms } }),
  };
}

/** Newest first: ids sort by time. */
export function prependRows(pages: Pages, rows: readonly Delivery[]): Pages {
  const [first, ...rest] = pages.pages;
  if (!first) return pages;
  const known = idsIn(pages);
  const data = [...rows.filter(({ id }) => !known.has(id)), ...first.data];
  return { ...pages, pages: [{ ...first, data: data.sort((a, b) => (a.id < b.id ? 1 : -1)) }, ...rest] };
}

/**
 * Only the first page is followed. If none of its rows is known, more have come since it was read last than it has room for
 * (in a burst, or while the stream was cut), and there is something between these and those that are shown.
 */
export function leavesGap(pages: Pages, waiting: readonly Delivery[], rows: readonly Delivery[]): boolean {
  if (rows.length < PAGE_ROWS) return false;
  const known = idsIn(pages);
  for (const { id } of waiting) known.add(id);
  return rows.every(({ id }) => !known.has(id));
}

/** The first page, read again, with what was told of while it was read; the others are to be had from there on. */
export function beganAnew(page: Page, told: readonly Delivery[]): Pages {
  const { pages, unknown } = mergeRows({ pages: [page], pageParams: [''] }, told);
  const newest = page.data[0]?.id ?? '';
  return prependRows(
    pages,
    unknown.filter(({ id }) => id > newest),
  );
}

/** One that follows on `cursor`; none if that is not where the list ends any more. */
export function appendPage(pages: Pages, cursor: string, page: Page): Pages {
  if (pages.pages.at(-1)?.next_cursor !== cursor) return pages;
  // Where rows have left the first page, those below have moved into it, and are there already.
  const known = idsIn(pages);
  const data = page.data.filter(({ id }) => !known.has(id));
  return { pages: [...pages.pages, { ...page, data }], pageParams: [...pages.pageParams, cursor] };
}
