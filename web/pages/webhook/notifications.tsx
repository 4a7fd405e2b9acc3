import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Card, layout, Table } from '../../ui/layout.tsx';
import { NoticeStatusPill, whatWasTold, whoWasTold } from '../../ui/notice.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { At } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';

/** What people were told of it, or why not. */
export function Notifications() {
  const tenant = useTenant();
  const { id } = useEndpoint();
  const list = useQuery({
    queryKey: [tenant, 'notifications', id],
    queryFn: () =>
      ask(
        api.GET('/v1/tenants/{tenant}/notifications', {
          params: { path: { tenant }, query: { endpoint_id: id, limit: 10 } },
        }),
      ),
  });
  const { notifications } = words.webhook;
  const rows = list.data?.data ?? [];
  return (
    <Card
      title={notifications.title}
      text={rows.length === 0 && list.isSuccess ? notifications.none : undefined}
      flush
    >
      {list.isPending && <Loading rows={2} />}
      {list.isError && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <Table
          label={notifications.title}
          head={
            <>
              <th scope="col">{words.common.time}</th>
              <th scope="col">{notifications.what}</th>
              <th scope="col">{notifications.status}</th>
              <th scope="col" className={layout.minor}>
                {notifications.to}
              </th>
            </>
          }
        >
          {rows.map((notice) => (
            <tr key={notice.id}>
              <td className={layout.nowrap}>
                <At time={notice.last_at} />
              </td>
              <td>{whatWasTold(notice)}</td>
              <td>
                <NoticeStatusPill status={notice.status} />
              </td>
              <td className={layout.minor}>{whoWasTold(notice)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
