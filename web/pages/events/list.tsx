import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Zap } from 'lucide-react';
import { useMemo } from 'react';
import { api, ask } from '../../api/client.ts';
import { serverNowMs } from '../../clock.ts';
import { ENVIRONMENTS, SPANS, type EventSearch } from '../../search.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout, PageHead, Table } from '../../ui/layout.tsx';
import { Empty, Failed, Loading, Stale } from '../../ui/states.tsx';
import { At } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { filterOf } from '../deliveries/query.ts';

export function EventList() {
  const tenant = useTenant();
  const { type, environment, last } = useSearch({ from: '/events' });
  const navigate = useNavigate({ from: '/events' });
  const set = (change: EventSearch) =>
    void navigate({
      search: (before: EventSearch & { tenant?: string }) => ({ ...before, ...change }),
      replace: true,
    });
  const since = useMemo(() => filterOf({ last }, serverNowMs()).since, [last]);
  const filter = { type, environment, since };
  const events = useInfiniteQuery({
    queryKey: [tenant, 'events', filter],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/v1/tenants/{tenant}/events', {
          params: {
            path: { tenant },
            query: { ...filter, limit: 50, ...(pageParam && { cursor: pageParam }) },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });
  const rows = events.data?.pages.flatMap((page) => page.data) ?? [];
  const { events: said } = words;
  const { filters } = words.deliveries;
  return (
    <>
      <PageHead title={said.title} text={said.text} />
      <div className={layout.row} role="search">
        <TextField
          hideLabel
          mono
          label={filters.type}
          placeholder={filters.type}
          value={type ?? ''}
          onChange={(text) => set({ type: text.trim() || undefined })}
        />
        <Choice
          hideLabel
          label={filters.environment}
          value={environment ?? ''}
          options={[
            { value: '', label: filters.anyEnvironment },
            ...ENVIRONMENTS.map((value) => ({ value, label: words.environment[value] })),
          ]}
          onChange={(value) => set({ environment: value || undefined })}
        />
        <Choice
          hideLabel
          label={filters.span}
          value={last ?? ''}
          options={[
            { value: '', label: filters.anyTime },
            ...SPANS.map((value) => ({ value, label: filters.spans[value] })),
          ]}
          onChange={(value) => set({ last: value || undefined })}
        />
      </div>
      {events.isError && events.data && <Stale error={events.error} onRetry={() => void events.refetch()} />}
      <Card flush>
        {events.isPending && <Loading rows={8} />}
        {events.isError && !events.data && (
          <Failed error={events.error} onRetry={() => void events.refetch()} />
        )}
        {events.isSuccess && rows.length === 0 && (
          <Empty icon={Zap} title={type || environment || last ? said.noMatch : said.none}>
            {!type && !environment && !last && said.noneText}
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            label={said.title}
            head={
              <>
                <th scope="col">{words.common.time}</th>
                <th scope="col">{said.type}</th>
                <th scope="col">{said.id}</th>
                <th scope="col" className={layout.minor}>
                  {filters.environment}
                </th>
              </>
            }
          >
            {rows.map((event) => (
              <tr key={event.id}>
                <td className={layout.nowrap}>
                  <At time={event.created_at} />
                </td>
                <td>
                  <code>{event.type}</code>
                </td>
                <td>
                  <Link to="/events/$id" params={{ id: event.id }}>
                    <code>{event.id}</code>
                  </Link>
                </td>
                <td className={layout.minor}>{words.environment[event.environment]}</td>
              </tr>
            ))}
          </Table>
        )}
      </Card>
      {events.hasNextPage && (
        <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
          {words.common.more}
        </Button>
      )}
    </>
  );
}
