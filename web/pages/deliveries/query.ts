/** From what the address says to what the API is asked, and back. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, ask, type Delivery } from '../../api/client.ts';
import type { DeliverySearch, Span } from '../../search.ts';
import { PAGE_ROWS } from './rows.ts';

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

export const deliveriesKey = (tenant: string, filter: DeliveryFilter) =>
  [tenant, 'deliveries', filter] as const;

export function readPage(tenant: string, filter: DeliveryFilter, cursor: string, signal?: AbortSignal) {
  const query = {
    ...filter,
    include: 'last_attempt' as const,
    limit: PAGE_ROWS,
    ...(cursor && { cursor }),
  };
  return ask(api.GET('/v1/tenants/{tenant}/deliveries', { params: { path: { tenant }, query }, signal }));
}

export const deliveriesQuery = (tenant: string, filter: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: deliveriesKey(tenant, filter),
    queryFn: ({ pageParam, signal }) => readPage(tenant, filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    // The stream keeps the first page as it is; what is read again would move what one reads.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
