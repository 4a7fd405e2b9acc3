import type { Schemas } from '../api/client.ts';
import { words } from '../words/index.ts';
import { Pill } from './status.tsx';

type Notice = Schemas['Notification'];

const TONES = { waiting: 'info', sending: 'info', sent: 'good', not_sent: 'idle' } as const;

export function NoticeStatusPill({ status }: Pick<Notice, 'status'>) {
  return <Pill tone={TONES[status]}>{words.webhook.notifications.statuses[status]}</Pill>;
}
export const whatWasTold = ({ kind, deliveries }: Notice): string =>
  words.webhook.notifications.kinds[kind](deliveries);
/** Or why nobody was. */
export const whoWasTold = ({ sent_to: to, why_not: why }: Notice): string =>
  to.join(', ') || (why?.message ?? '–');
