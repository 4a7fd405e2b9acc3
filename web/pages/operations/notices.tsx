import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/field.tsx';
import { Card, layout, Table } from '../../ui/layout.tsx';
import { NoticeStatusPill, whatWasTold, whoWasTold } from '../../ui/notice.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { At } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { noticesQuery, type NoticeStatus } from './queries.ts';
import styles from './operations.module.css';

const STATUSES: NoticeStatus[] = ['waiting', 'sending', 'sent', 'not_sent'];

/** What the tenants' people were told, or why not. */
export function Notices() {
  const [status, setStatus] = useState<NoticeStatus | ''>('');
  const list = useInfiniteQuery(noticesQuery(status || undefined));
  const { notices } = words.operations;
  const said = words.webhook.notifications;
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Card
      title={said.title}
      text={list.isSuccess && rows.length === 0 ? said.none : notices.text}
      actions={
        <Choice
          hideLabel
          label={said.status}
          value={status}
          options={[
            { value: '', label: words.common.all },
            ...STATUSES.map((value) => ({ value, label: said.statuses[value] })),
          ]}
          onChange={setStatus}
        />
      }
      flush
    >
      {list.isPending && <Loading rows={3} />}
      {list.isError && !list.data && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <Table
          label={said.title}
          head={
            <>
              <th scope="col">{words.common.time}</th>
              <th scope="col">{said.what}</th>
              <th scope="col">{said.status}</th>
              <th scope="col" className={layout.minor}>
                {said.to}
              </th>
            </>
          }
        >
          {rows.map((notice) => (
            <tr key={notice.id}>
              <td className={layout.nowrap}>
                <At time={notice.last_at} />
              </td>
              <td className={styles.name}>
                <Link
                  to="/webhooks/$id"
                  params={{ id: notice.endpoint_id }}
                  search={{ tenant: notice.tenant_id }}
                >
                  {whatWasTold(notice)}
                </Link>
                <span className={styles.below}>{notice.tenant_id}</span>
              </td>
              <td>
                <NoticeStatusPill status={notice.status} />
              </td>
              <td className={layout.minor}>{whoWasTold(notice)}</td>
            </tr>
          ))}
        </Table>
      )}
      {list.hasNextPage && (
        <div className={styles.more}>
          <Button small busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.common.more}
          </Button>
        </div>
      )}
    </Card>
  );
}
