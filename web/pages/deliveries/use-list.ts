import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { DeliveryWithAttempts } from '../../api/client.ts';
import { serverNowMs } from '../../clock.ts';
import type { DeliverySearch } from '../../search.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { useLive } from './live.ts';
import type { Change } from './poll.ts';
import { deliveriesKey, deliveriesQuery, filterOf, readPage } from './query.ts';
import { beganAnew, leavesGap, mergeRows, NOTHING_WAITS, prependRows, rowOf, type Pages } from './rows.ts';
import { useMore } from './use-more.ts';

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
  const filter = useMemo(() => filterOf(JSON.parse(about) as DeliverySearch, serverNowMs()), [about]);
  const query = useInfiniteQuery(deliveriesQuery(tenant, filter));
  const key = deliveriesKey(tenant, filter);
  const more = useMore(tenant, filter);
  // Changes come faster than React shows them: what waits is looked up where it is written at once.
  const waiting = useRef(NOTHING_WAITS);
  const [shown, setShown] = useState(NOTHING_WAITS);
  const hold = (next: typeof NOTHING_WAITS) => setShown((waiting.current = next));
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const anew = useRef<AbortController | null>(null);
  useEffect(() => {
    hold(NOTHING_WAITS);
    setGone(new Set());
    return () => {
      anew.current?.abort();
      anew.current = null;
    };
  }, [tenant, filter]);

  const change = (make: (pages: Pages) => Pages) =>
    queries.setQueryData<Pages>(key, (pages) => pages && make(pages));

  /** From the first page on, where more has come than was told. */
  async function beginAnew(mayShow: () => boolean): Promise<void> {
    if (anew.current) return;
    const { signal } = (anew.current = new AbortController());
    try {
      const page = await readPage(tenant, filter, '', signal);
      if (signal.aborted || !mayShow()) return;
      change(() => beganAnew(page, waiting.current.rows));
      hold(NOTHING_WAITS);
      setGone(new Set());
    } catch (error) {
      if (!signal.aborted) announce((error as Error).message, 'bad');
    } finally {
      if (!signal.aborted) anew.current = null;
    }
  }

  const live = useLive(
    tenant,
    filter,
    isLive && query.isSuccess && until === undefined,
    ({ data, gone: left }: Change) => {
      const pages = queries.getQueryData<Pages>(key);
      if (!pages) return;
      const { unknown, pages: merged } = mergeRows(pages, data);
      change(() => merged);
      const { rows: before, hasGap: hadGap } = waiting.current;
      const hasGap = hadGap || leavesGap(pages, before, data);
      // Of a page that was read a moment ago, only what is newer than its first row is new.
      const rows = [...unknown, ...before.filter(({ id }) => !unknown.some((row) => row.id === id))];
      if (hasGap || !mayInsert()) {
        if (unknown.length > 0 || hasGap !== hadGap) hold({ rows, hasGap });
        if (hasGap && mayInsert()) void beginAnew(mayInsert);
      } else if (rows.length > 0) {
        change((now) => prependRows(now, rows));
        hold(NOTHING_WAITS);
      }
      const back = new Set(data.map(({ id }) => id));
      setGone((known) =>
        left.length > 0 || data.some(({ id }) => known.has(id))
          ? new Set([...[...known].filter((id) => !back.has(id)), ...left])
          : known,
      );
    },
  );

  return {
    ...{ tenant, filter, query, more, gone, live },
    rows: query.data?.pages.flatMap((page) => page.data) ?? [],
    waiting: shown,
    /** What is known of one of them from elsewhere. */
    update(delivery: DeliveryWithAttempts) {
      const row = query.data?.pages.flatMap(({ data }) => data).find(({ id }) => id === delivery.id);
      if (row) change((pages) => mergeRows(pages, [rowOf(row, delivery)]).pages);
    },
    showWaiting() {
      const { rows, hasGap } = waiting.current;
      if (hasGap) return void beginAnew(() => true);
      change((pages) => prependRows(pages, rows));
      hold(NOTHING_WAITS);
    },
  };
}
