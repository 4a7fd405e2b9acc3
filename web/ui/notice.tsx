import type { ReactNode } from 'react';
import type { Schemas } from '../api/client.ts';
import { words } from '../words/index.ts';
import { layout, Table } from './layout.tsx';
import { Pill } from './status.tsx';
import { At } from './time.tsx';

type Notice = Schemas['Notification'];

const TONES = { waiting: 'info', sending: 'info', sent: 'good', not_sent: 'idle' } as const;

function NoticeStatusPill({ status }: Pick<Notice, 'status'>) {
  return <Pill tone={TONES[status]}>{words.webhook.notifications.statuses[status]}</Pill>;
}
export const whatWasTold = ({ kind, deliveries }: Notice): string =>
  words.webhook.notifications.kinds[kind](deliveries);
/** Or why nobody was. */
const whoWasTold = ({ sent_to: to, why_not: why }: Notice): string => to.join(', ') || (why?.message ?? '–');

/** Notices, newest first as they come. `toldOf`: the cell that says what of; its text is {@link whatWasTold}. */
export function NoticeTable<N extends Notice>({
  rows,
  toldOf,
}: {
  rows: N[];
  toldOf: (notice: N) => ReactNode;
}) {
  const { notifications } = words.webhook;
  return (
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
          {toldOf(notice)}
          <td>
            <NoticeStatusPill status={notice.status} />
          </td>
          <td className={layout.minor}>{whoWasTold(notice)}</td>
        </tr>
      ))}
    </Table>
  );
}
