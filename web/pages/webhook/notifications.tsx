import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Card } from '../../ui/layout.tsx';
import { NoticeTable, whatWasTold } from '../../ui/notice.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
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
      {rows.length > 0 && <NoticeTable rows={rows} toldOf={(notice) => <td>{whatWasTold(notice)}</td>} />}
    </Card>
  );
}
