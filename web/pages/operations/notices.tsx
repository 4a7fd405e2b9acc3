import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/field.tsx';
import { Card } from '../../ui/layout.tsx';
import { NoticeTable, whatWasTold } from '../../ui/notice.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
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
        <NoticeTable
          rows={rows}
          toldOf={(notice) => (
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
          )}
        />
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
