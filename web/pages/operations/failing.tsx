import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.ts';
import { since } from '../../format.ts';
import { Button } from '../../ui/button.tsx';
import { Card, layout, Table } from '../../ui/layout.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { Pill } from '../../ui/status.tsx';
import { Relative } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { failingQuery } from './queries.ts';
import { visible, visibleUrl } from '../../ui/visible.ts';
import styles from './operations.module.css';

/** Of all tenants, the latest first: an outage of many shows at once. */
export function FailingEndpoints() {
  const list = useInfiniteQuery(failingQuery);
  const { failing } = words.operations;
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Card
      title={failing.title}
      text={list.isSuccess && rows.length === 0 ? failing.none : failing.text}
      flush
    >
      {list.isPending && <Loading rows={3} />}
      {list.isError && !list.data && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <Table
          label={failing.title}
          head={
            <>
              <th scope="col">{failing.webhook}</th>
              <th scope="col">{failing.why}</th>
              <th scope="col">{failing.since}</th>
              <th scope="col" className={layout.minor}>
                {failing.next}
              </th>
            </>
          }
        >
          {rows.map((row) => (
            <Row key={row.endpoint_id} row={row} />
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

function Row({ row }: { row: Schemas['FailingEndpoint'] }) {
  const { failing } = words.operations;
  const { tenant_id: tenant, last_status_code: code, last_error: error } = row;
  return (
    <tr>
      <td className={styles.name}>
        <Link to="/webhooks/$id" params={{ id: row.endpoint_id }} search={{ tenant }}>
          {row.name ? visible(row.name) : row.url ? visibleUrl(row.url) : row.endpoint_id}
        </Link>
        <span className={styles.below}>
          {tenant}
          {row.name && row.url && <span className={layout.minor}> · {visibleUrl(row.url)}</span>}
        </span>
      </td>
      <td>
        <span title={error?.message ?? undefined}>
          <Pill tone="bad">{code === null ? words.errorClass[classOf(error)] : String(code)}</Pill>
        </span>
      </td>
      <td className={styles.ago}>
        <Relative time={row.failing_since} />
      </td>
      <td className={`${layout.nowrap} ${layout.minor}`}>
        {row.next_step_at === null ? (
          <span className={layout.quiet}>{failing.never}</span>
        ) : (
          <>
            {row.is_warned ? failing.disabled : failing.warned}{' '}
            <time dateTime={row.next_step_at}>{since(row.next_step_at)}</time>
          </>
        )}
      </td>
    </tr>
  );
}

type ErrorClass = keyof typeof words.errorClass;
const classOf = (error: { class: string } | null): ErrorClass =>
  error && error.class in words.errorClass ? (error.class as ErrorClass) : 'http';
