import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { number, percent } from '../../format.ts';
import { Button } from '../../ui/button.tsx';
import { Card, layout, Table } from '../../ui/layout.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { volumesQuery, type Interval } from './queries.ts';
import { visible } from '../../ui/visible.ts';
import styles from './operations.module.css';

const INTERVALS: Interval[] = ['hour', 'day'];

/** Who makes the work. */
export function Volumes() {
  const [interval, setInterval] = useState<Interval>('hour');
  const list = useQuery(volumesQuery(interval));
  const { volumes } = words.operations;
  const rows = list.data?.data ?? [];
  const most = Math.max(1, ...rows.map(({ attempts }) => attempts));
  const choice = (
    <div className={layout.row} role="group" aria-label={volumes.span}>
      {INTERVALS.map((one) => (
        <Button
          key={one}
          small
          look={one === interval ? 'primary' : 'secondary'}
          aria-pressed={one === interval}
          onClick={() => setInterval(one)}
        >
          {volumes.spans[one]}
        </Button>
      ))}
    </div>
  );
  const text = list.data?.is_complete === false ? volumes.incomplete : volumes.text;
  return (
    <Card
      title={volumes.title}
      text={list.isSuccess && rows.length === 0 ? volumes.none : text}
      actions={choice}
      flush
    >
      {list.isPending && <Loading rows={3} />}
      {list.isError && !list.data && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <Table
          label={volumes.title}
          head={
            <>
              <th scope="col">{volumes.tenant}</th>
              <th scope="col" className={layout.minor}>
                <span className="sr-only">{volumes.share}</span>
              </th>
              <th scope="col" className={layout.number}>
                {volumes.attempts}
              </th>
              <th scope="col" className={layout.number}>
                {volumes.failed}
              </th>
            </>
          }
        >
          {rows.map(({ tenant_id: tenant, name, attempts, failed }) => (
            <tr key={tenant}>
              <td className={styles.id}>
                <Link to="/webhooks" search={{ tenant }}>
                  {visible(name ?? tenant)}
                </Link>
              </td>
              <td className={`${styles.share} ${layout.minor}`}>
                <div className={styles.track} aria-hidden>
                  {attempts > failed && (
                    <span
                      className={styles.good}
                      style={{ width: `${((attempts - failed) / most) * 100}%` }}
                    />
                  )}
                  {failed > 0 && (
                    <span className={styles.bad} style={{ width: `${(failed / most) * 100}%` }} />
                  )}
                </div>
              </td>
              <td className={layout.number}>{number(attempts)}</td>
              <td className={`${layout.number} ${layout.nowrap}`}>
                {failed === 0 ? '–' : `${number(failed)} · ${percent(failed / attempts)}`}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
