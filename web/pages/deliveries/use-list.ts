import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { Delivery } from '../../api/client.ts';
import type { DeliverySearch } from '../../search.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { useLive } from './live.ts';
import { deliveriesKey, deliveriesQuery, filterOf, mergeRows, prependRows, type Pages } from './query.ts';

/**
 * The rows of the list, as they come and change. What is new is put on top only while `mayInsert`: else it waits, and is
 * counted. A row that stops to fit the filter stays where it is, and is in `gone`.
 */
export function useDeliveryList(search: DeliverySearch, isLive: boolean, mayInsert: () => boolean) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const { status, endpoint, event, replay, type, environment, last, since, until } = search;
  const about = JSON.stringify({ status, endpoint, event, replay, type, environment, last, since, until });
  // "The last 24 hours" are those before the list was opened: a list does not slide away while it is read.
  const filter = useMemo(() => filterOf(JSON.parse(about) as DeliverySearch, Date.now()), [about]);
  const query = useInfiniteQuery(deliveriesQuery(tenant, filter));
  const [waiting, setWaiting] = useState<Delivery[]>([]);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    setWaiting([]);
    setGone(new Set());
  }, [filter]);

  const change = (make: (pages: Pages) => Pages) =>
    queries.setQueryData<Pages>(deliveriesKey(tenant, filter), (pages) => pages && make(pages));

  const live = useLive(
    tenant,
    filter,
    isLive && query.isSuccess && until === undefined,
    ({ data, gone: left }) => {
      let unknown: Delivery[] = [];
      change((pages) => {
        const merged = mergeRows(pages, data);
        unknown = merged.unknown;
        return merged.pages;
      });
      // Of a page that was read a moment ago, only what is newer than its first row is new.
      const all = [...unknown, ...waiting.filter(({ id }) => !unknown.some((row) => row.id === id))];
      if (mayInsert()) {
        if (all.length > 0) change((pages) => prependRows(pages, all));
        if (waiting.length > 0) setWaiting([]);
      } else if (unknown.length > 0) setWaiting(all);
      const back = new Set(data.map(({ id }) => id));
      if (left.length > 0 || data.some(({ id }) => gone.has(id)))
        setGone((before) => new Set([...[...before].filter((id) => !back.has(id)), ...left]));
    },
  );

  return {
    tenant,
    filter,
    query,
    rows: query.data?.pages.flatMap((page) => page.data) ?? [],
    gone,
    live,
    waiting: waiting.length,
    showWaiting() {
      change((pages) => prependRows(pages, waiting));
      setWaiting([]);
    },
  };
}
