import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Radio } from 'lucide-react';
import { api, ask } from '../../api/client.ts';
import { number } from '../../format.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Card, layout, PageHead, Table } from '../../ui/layout.tsx';
import { Empty, Failed, Loading, Stale } from '../../ui/states.tsx';
import { At } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { useEndpointNames } from '../deliveries/endpoint-names.ts';
import { Bar, ReplayStatus } from './progress.tsx';

export function ReplayList() {
  const tenant = useTenant();
  const names = useEndpointNames();
  const replays = useInfiniteQuery({
    queryKey: [tenant, 'replays'],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/v1/tenants/{tenant}/replays', {
          params: { path: { tenant }, query: { limit: 50, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 3_000,
  });
  const { replays: said } = words;
  const all = replays.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <PageHead title={said.title} text={said.text}>
        <ButtonLink to="/deliveries">{said.begin}</ButtonLink>
      </PageHead>
      {replays.isError && replays.data && (
        <Stale error={replays.error} onRetry={() => void replays.refetch()} />
      )}
      <Card flush>
        {replays.isPending && <Loading />}
        {replays.isError && !replays.data && (
          <Failed error={replays.error} onRetry={() => void replays.refetch()} />
        )}
        {replays.isSuccess && all.length === 0 && (
          <Empty icon={Radio} title={said.none}>
            {said.noneText}
          </Empty>
        )}
        {all.length > 0 && (
          <Table
            label={said.title}
            head={
              <>
                <th scope="col">{words.common.time}</th>
                <th scope="col">{said.webhook}</th>
                <th scope="col" className={layout.minor}>
                  {said.what}
                </th>
                <th scope="col">{said.status}</th>
                <th scope="col">{said.progress}</th>
              </>
            }
          >
            {all.map((replay) => (
              <tr key={replay.id}>
                <td className={layout.nowrap}>
                  <Link to="/replays/$id" params={{ id: replay.id }}>
                    <At time={replay.created_at} />
                  </Link>
                </td>
                <td>{names.get(replay.endpoint_id) ?? replay.endpoint_id}</td>
                <td className={layout.minor}>{words.replay.kinds[replay.kind]}</td>
                <td>
                  <ReplayStatus replay={replay} />
                </td>
                <td>
                  <Bar replay={replay} />
                  {number(replay.done)} / {replay.total === null ? '…' : number(replay.total)}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Card>
      {replays.hasNextPage && (
        <Button onClick={() => void replays.fetchNextPage()}>{words.common.more}</Button>
      )}
    </>
  );
}
