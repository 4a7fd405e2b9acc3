/** From what the address says to what the API is asked, and back. */
import { infiniteQueryOptions, type InfiniteData } from '@tanstack/react-query';
import { api, ask, type Delivery, type Schemas } from '../../api/client.ts';
import type { DeliverySearch, Span } from '../../search.ts';

const SPAN_MS: Record<Span, number> = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};

export interface DeliveryFilter {
  status?: Delivery['status'][];
  endpoint_id?: string;
  event_id?: string;
  replay_id?: string;
  event_type?: string;
  environment?: Delivery['environment'];
  since?: string;
  until?: string;
}

/** Local times from `<input type="datetime-local">` are the reader's; the API wants them with a zone. */
const zoned = (local: string | undefined): string | undefined => {
  const at = local === undefined ? NaN : Date.parse(local);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

export function filterOf(search: DeliverySearch, nowMs: number): DeliveryFilter {
  const { status, endpoint, event, replay, type, environment, last } = search;
  return {
    status,
    endpoint_id: endpoint,
    event_id: event,
    replay_id: replay,
    event_type: type,
    environment,
    since: last ? new Date(nowMs - SPAN_MS[last]).toISOString() : zoned(search.since),
    until: last ? undefined : zoned(search.until),
  };
}

export const PAGE_ROWS = 50;
export type Pages = InfiniteData<Schemas['DeliveryPage'], string>;

export const deliveriesKey = (tenant: string, filter: DeliveryFilter) =>
  [tenant, 'deliveries', filter] as const;

export const deliveriesQuery = (tenant: string, filter: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: deliveriesKey(tenant, filter),
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/v1/tenants/{tenant}/deliveries', {
          params: {
            path: { tenant },
            query: {
              ...filter,
              include: 'last_attempt',
              limit: PAGE_ROWS,
              ...(pageParam && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    // The stream keeps the first page as it is; what is read again would move what one reads.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

/** Rows that are known are changed where they stand. Says which are not known. */
export function mergeRows(pages: Pages, rows: readonly Delivery[]): { pages: Pages; unknown: Delivery[] } {
  const changed = new Map(rows.map((row) => [row.id, row]));
  const merged = pages.pages.map((page) => ({
    ...page,
    data: page.data.map((row) => changed.get(row.id) ?? row),
  }));
  const known = new Set(pages.pages.flatMap((page) => page.data.map(({ id }) => id)));
  return { pages: { ...pages, pages: merged }, unknown: rows.filter(({ id }) => !known.has(id)) };
}

/** Newest first: ids sort by time. */
export function prependRows(pages: Pages, rows: readonly Delivery[]): Pages {
  const [first, ...rest] = pages.pages;
  if (!first) return pages;
  const data = [...rows, ...first.data].sort((a, b) => (a.id < b.id ? 1 : -1));
  return { ...pages, pages: [{ ...first, data }, ...rest] };
}
