/** What is read of the API: one place for keys, so that a change knows what it makes out of date. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { parseExact } from '../../src/exact-json.ts';
import { api, ask, type Schemas } from './client.ts';

const at = (tenant: string) => ({ path: { tenant } });

export const meQuery = (credential: string) =>
  queryOptions({ queryKey: ['me', credential], queryFn: () => ask(api.GET('/v1/me')), staleTime: Infinity });

export const profilesQuery = queryOptions({
  queryKey: ['profiles'],
  queryFn: async () => (await ask(api.GET('/v1/profiles'))).data,
  staleTime: Infinity,
});

export const tenantsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['tenants', search],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/v1/tenants', {
          params: {
            query: { limit: 50, ...(search && { search }), ...(pageParam && { cursor: pageParam }) },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });

export type Archived = 'false' | 'true' | 'all';

export const eventTypesQuery = (profile?: string, archived: Archived = 'false') =>
  queryOptions({
    queryKey: ['event-types', profile ?? null, archived],
    queryFn: async () => {
      const all = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof onePage>> = await onePage(profile, archived, cursor);
        all.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return all;
    },
    staleTime: 60_000,
    // It copies what it compares, and a number with every digit is no number after that.
    structuralSharing: false,
  });

export async function readEventType(name: string): Promise<Schemas['EventType']> {
  const params = { path: { name } };
  const text = await ask(api.GET('/v1/event-types/{name}', { params, parseAs: 'text' }));
  return parseExact(text) as Schemas['EventType'];
}

/** Schemas and examples are edited and sent back, so with every digit: read as text. */
async function onePage(
  profile: string | undefined,
  archived: Archived,
  cursor: string | null,
): Promise<Schemas['EventTypePage']> {
  const query = { limit: 200, archived, ...(profile && { profile }), ...(cursor && { cursor }) };
  const text = await ask(api.GET('/v1/event-types', { params: { query }, parseAs: 'text' }));
  return parseExact(text) as Schemas['EventTypePage'];
}

export const eventCountsQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'event-counts'],
    queryFn: () => ask(api.GET('/v1/tenants/{tenant}/event-counts', { params: at(tenant) })),
    staleTime: 60_000,
  });

export const endpointsQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: [tenant, 'endpoints'],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/v1/tenants/{tenant}/endpoints', {
          params: {
            ...at(tenant),
            query: { include: 'last_attempt', limit: 100, ...(pageParam && { cursor: pageParam }) },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 15_000,
  });

export const endpointQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: [tenant, 'endpoints', id],
    queryFn: () => ask(api.GET('/v1/tenants/{tenant}/endpoints/{id}', { params: { path: { tenant, id } } })),
    refetchInterval: 10_000,
  });

export const statsByEndpointQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'stats', 'by-endpoint'],
    queryFn: async () => {
      const answer = await ask(
        api.GET('/v1/tenants/{tenant}/stats', {
          params: { ...at(tenant), query: { by: 'endpoint', limit: 100 } },
        }),
      );
      return 'starts' in answer ? answer : null;
    },
    refetchInterval: 30_000,
  });

export const deliveryQuery = (tenant: string, id: string) =>
  queryOptions({
    queryKey: [tenant, 'delivery', id],
    queryFn: () => ask(api.GET('/v1/tenants/{tenant}/deliveries/{id}', { params: { path: { tenant, id } } })),
  });
