import { useMutation, useQueryClient } from '@tanstack/react-query';
import { deliveriesKey, readPage, type DeliveryFilter } from './query.ts';
import { appendPage, type Pages } from './rows.ts';

/**
 * Further pages of the list. Not by the query's own way, which puts back the pages that stood there when it began to read: what came
 * in and changed meanwhile would be lost, since a stream says it once.
 */
export function useMore(tenant: string, filter: DeliveryFilter) {
  const queries = useQueryClient();
  const { mutate, ...more } = useMutation({
    mutationFn: async (of: { tenant: string; filter: DeliveryFilter; cursor: string }) => {
      const page = await readPage(of.tenant, of.filter, of.cursor);
      queries.setQueryData<Pages>(
        deliveriesKey(of.tenant, of.filter),
        (pages) => pages && appendPage(pages, of.cursor, page),
      );
    },
    retry: 1,
  });
  const isOfThis = more.variables?.tenant === tenant && more.variables.filter === filter;
  return {
    isBusy: isOfThis && more.isPending,
    error: isOfThis ? more.error : null,
    get() {
      const cursor = queries.getQueryData<Pages>(deliveriesKey(tenant, filter))?.pages.at(-1)?.next_cursor;
      if (cursor) mutate({ tenant, filter, cursor });
    },
  };
}
