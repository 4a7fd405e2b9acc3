import { useInfiniteQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Card, layout, Table } from '../../ui/layout.tsx';
import { Empty, Failed, Loading, Stale } from '../../ui/states.tsx';
import { At } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { changeInWords } from '../webhook/marks.ts';
import { escaped } from '../../ui/visible.ts';
import styles from './audit.module.css';

interface Props {
  /** Of one webhook; else of everything the tenant has. */
  subjectId?: string;
  /** What belongs to no tenant: keys, event types. For admins. */
  isOfDeployment?: boolean;
}

/** Who changed what. */
export function AuditLog({ subjectId, isOfDeployment = false }: Props) {
  const tenant = useTenant();
  const log = useInfiniteQuery({
    queryKey: [tenant, 'audit', subjectId ?? null, isOfDeployment, 'log'],
    queryFn: ({ pageParam }) => {
      const query = {
        limit: 50,
        ...(subjectId && { subject_id: subjectId }),
        ...(pageParam && { cursor: pageParam }),
      };
      return ask(
        isOfDeployment
          ? api.GET('/v1/audit', { params: { query } })
          : api.GET('/v1/tenants/{tenant}/audit', { params: { path: { tenant }, query } }),
      );
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });
  const { audit } = words;
  const entries = log.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      {log.isError && log.data && <Stale error={log.error} onRetry={() => void log.refetch()} />}
      <Card flush>
        {log.isPending && <Loading />}
        {log.isError && !log.data && <Failed error={log.error} onRetry={() => void log.refetch()} />}
        {log.isSuccess && entries.length === 0 && <Empty icon={History} title={audit.none} />}
        {entries.length > 0 && (
          <Table
            label={audit.title}
            head={
              <>
                <th scope="col">{words.common.time}</th>
                <th scope="col">{audit.who}</th>
                <th scope="col">{audit.what}</th>
                <th scope="col">{audit.details}</th>
              </>
            }
          >
            {entries.map((entry) => (
              <tr key={entry.id}>
                <td className={layout.nowrap}>
                  <At time={entry.created_at} />
                </td>
                <td>{actorOf(entry)}</td>
                <td>{changeInWords(entry)}</td>
                <td>
                  <Details entry={entry} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Card>
      {log.hasNextPage && <Button onClick={() => void log.fetchNextPage()}>{words.common.more}</Button>}
    </>
  );
}

const actorOf = ({ actor }: Schemas['AuditEntry']): string => actor.name ?? words.audit.actors[actor.kind];

function Details({ entry }: { entry: Schemas['AuditEntry'] }) {
  const { before, after, sealed, subject_id: subject } = entry;
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const { audit } = words;
  if (names.length === 0 && sealed.length === 0) return <code className={layout.quiet}>{subject}</code>;
  const text = (value: unknown) => (value === undefined ? '–' : escaped(JSON.stringify(value)));
  return (
    <details>
      <summary>
        <code className={layout.quiet}>{subject}</code>
      </summary>
      <dl className={styles.changes}>
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {before && <del>{text(before[name])}</del>} {after && <ins>{text(after[name])}</ins>}
            </dd>
          </div>
        ))}
        {sealed.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{audit.sealed}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
