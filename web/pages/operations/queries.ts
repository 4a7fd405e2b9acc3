/** What operators read of the whole deployment. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../../api/client.ts';

export const LOOK_EVERY_MS = 5_000;

export const operationsQuery = queryOptions({
  queryKey: ['operations'],
  queryFn: () => ask(api.GET('/v1/operations')),
  refetchInterval: LOOK_EVERY_MS,
});

const PAGE = 20;
const at = (cursor: string) => ({ limit: PAGE, ...(cursor && { cursor }) });

export const failingQuery = infiniteQueryOptions({
  queryKey: ['operations', 'failing'],
  queryFn: ({ pageParam }) =>
    ask(api.GET('/v1/operations/failing-endpoints', { params: { query: at(pageParam) } })),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: 15_000,
});

export type Interval = Schemas['TenantVolumes']['interval'];

export const volumesQuery = (interval: Interval) =>
  queryOptions({
    queryKey: ['operations', 'volumes', interval],
    queryFn: () => ask(api.GET('/v1/operations/tenants', { params: { query: { interval, limit: PAGE } } })),
    refetchInterval: 60_000,
    placeholderData: (before) => before,
  });

export type NoticeStatus = Schemas['NotificationOfTenant']['status'];

export const noticesQuery = (status: NoticeStatus | undefined) =>
  infiniteQueryOptions({
    queryKey: ['operations', 'notifications', status ?? null],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/v1/notifications', {
          params: { query: { ...at(pageParam), ...(status && { status: [status] }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 30_000,
  });
