import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Card, Facts, layout, PageHead, Table } from '../../ui/layout.tsx';
import { Failed, Loading, Stale } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { At } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { useEndpointNames } from '../deliveries/endpoint-names.ts';
import { Payload } from '../deliveries/payload.tsx';
import { answerOf } from '../deliveries/row.tsx';
import styles from '../webhook/webhook.module.css';

export function EventPage() {
  const tenant = useTenant();
  const { id } = useParams({ from: '/events/$id' });
  const query = useQuery({
    queryKey: [tenant, 'event', id],
    queryFn: async () => {
      // As text: a number with many digits is shown as it was sent.
      const { data, error, response } = await api.GET('/v1/tenants/{tenant}/events/{id}', {
        params: { path: { tenant, id } },
        parseAs: 'text',
      });
      const text = await ask(Promise.resolve({ data: data as string | undefined, error, response }));
      return {
        event: JSON.parse(text) as {
          id: string;
          type: string;
          environment: keyof typeof words.environment;
          timestamp: string;
          ordering_key: string | null;
          created_at: string;
          data: unknown;
        },
        data: dataOf(text),
      };
    },
  });
  const { events } = words;
  if (query.isPending) return <Loading />;
  if (!query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  const { event, data } = query.data;
  return (
    <>
      <PageHead
        above={
          <Link to="/events" className={styles.up}>
            <ChevronLeft size={14} aria-hidden />
            {words.nav.events}
          </Link>
        }
        title={event.type}
        text={
          <span className={layout.row}>
            <code>{event.id}</code>
            <Copy text={event.id} label={words.common.copyOf(events.id)} />
          </span>
        }
      />
      <Card>
        <Facts
          facts={[
            [events.happened, <At key="at" time={event.timestamp} />],
            [events.accepted, <At key="accepted" time={event.created_at} />],
            [words.deliveries.filters.environment, words.environment[event.environment]],
            [events.orderingKey, event.ordering_key ?? '–'],
          ]}
        />
      </Card>
      <Deliveries id={event.id} />
      <Card title={events.data}>
        {event.data === null ? (
          <p>{events.dropped}</p>
        ) : (
          <Payload text={data} label={events.data} name={`${event.id}.json`} />
        )}
      </Card>
    </>
  );
}

/** The member `data` of the answer, as it stands there. */
function dataOf(text: string): string {
  const start = text.indexOf('"data":');
  const end = text.lastIndexOf(',"delivery_ids":');
  return start < 0 ? '' : text.slice(start + '"data":'.length, end < start ? undefined : end);
}

function Deliveries({ id }: { id: string }) {
  const tenant = useTenant();
  const names = useEndpointNames();
  const list = useQuery({
    queryKey: [tenant, 'event-deliveries', id],
    queryFn: () =>
      ask(
        api.GET('/v1/tenants/{tenant}/deliveries', {
          params: { path: { tenant }, query: { event_id: id, limit: 100 } },
        }),
      ),
    refetchInterval: 5_000,
  });
  const { events } = words;
  const rows = list.data?.data ?? [];
  return (
    <Card
      title={words.nav.deliveries}
      text={list.isSuccess && rows.length === 0 ? events.nobody : undefined}
      flush
    >
      {list.isPending && <Loading rows={2} />}
      {list.isError && !list.data && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {list.isError && list.data && <Stale error={list.error} onRetry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <Table
          label={words.nav.deliveries}
          head={
            <>
              <th scope="col">{words.deliveries.columns.webhook}</th>
              <th scope="col">{words.deliveries.columns.status}</th>
              <th scope="col">{words.deliveries.columns.answer}</th>
            </>
          }
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link to="/deliveries" search={{ event: id, open: row.id }}>
                  {names.get(row.endpoint_id) ?? row.endpoint_id}
                </Link>
              </td>
              <td>
                <Status status={row.status} />
              </td>
              <td>{answerOf(row)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
