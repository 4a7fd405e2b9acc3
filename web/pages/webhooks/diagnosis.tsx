import { useQuery } from '@tanstack/react-query';
import { CirclePause, TriangleAlert } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { number, seconds, since } from '../../format.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { createTurns } from '../../turns.ts';
import { useIsSeen } from '../../ui/is-seen.ts';
import { useNowMs } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import styles from './list.module.css';

type Listed = Schemas['ListedEndpoint'];

export const isFailing = ({ failing_since, last_attempt, disabled_reason }: Listed): boolean =>
  failing_since !== null ||
  (last_attempt?.error ?? null) !== null ||
  (disabled_reason ?? 'manual') !== 'manual';

const heldIn = ({ held }: Listed): string[] =>
  held.count === 0 ? [] : [words.webhooks.heldCount(`${number(held.count)}${held.is_more ? '+' : ''}`)];

/** Why a webhook does not deliver, since when, and what comes next: "401 since 14:02 · 112 held · next try in 6 min". */
export function Diagnosis({ endpoint }: { endpoint: Listed }): ReactNode {
  const { enabled, disabled_reason: reason, unreadable, held } = endpoint;
  if (unreadable) return <Line parts={[words.webhooks.unreadable]} />;
  if (!enabled && reason === 'gone') return <Line parts={[words.webhooks.gone, ...heldIn(endpoint)]} />;
  if (!enabled && reason === 'failing')
    return <Line parts={[words.webhooks.failing, ...whatFails(endpoint), ...heldIn(endpoint)]} />;
  if (held.release) {
    const { per_second: rate } = held.release;
    const parts = [
      words.webhooks.releasing(rate === null ? '' : `, ${number(rate, 2)}/s`),
      ...heldIn(endpoint),
    ];
    return <Line idle parts={parts} />;
  }
  if (!enabled) return held.count > 0 ? <Line idle parts={heldIn(endpoint)} /> : null;
  return isFailing(endpoint) ? <Failing endpoint={endpoint} /> : null;
}

function whatFails({ last_attempt: last, failing_since: from }: Listed): string[] {
  const what = last?.status_code
    ? words.webhooks.answers(last.status_code)
    : last?.error && words.errorClass[last.error.class];
  const start = from ?? last?.started_at;
  return [[what, start && words.webhooks.since(since(start))].filter(Boolean).join(' ')].filter(Boolean);
}

/** Of a list in which a hundred fail, those that are seen are asked about, a few at a time. */
const inTurn = createTurns(4);

function Failing({ endpoint }: { endpoint: Listed }) {
  const tenant = useTenant();
  const [place, isSeen] = useIsSeen();
  const nowMs = useNowMs();
  const waiting = useQuery({
    queryKey: [tenant, 'next-try', endpoint.id],
    queryFn: ({ signal }) => {
      const query = { endpoint_id: endpoint.id, status: ['retrying' as const], limit: 200 };
      const params = { path: { tenant }, query };
      return inTurn(() => ask(api.GET('/v1/tenants/{tenant}/deliveries', { params, signal })), signal);
    },
    enabled: isSeen,
    refetchInterval: 15_000,
  });
  const times = waiting.data?.data.flatMap(({ next_attempt_at: at }) => at ?? []).sort() ?? [];
  const next = times[0];
  const parts = whatFails(endpoint);
  if (endpoint.slowed_until) parts.push(words.webhooks.slowed(since(endpoint.slowed_until)));
  if (next) {
    const left = (new Date(next).getTime() - nowMs) / 1000;
    parts.push(words.webhooks.nextTry(left > 0 ? words.time.in(seconds(Math.ceil(left))) : words.time.due));
  } else if (waiting.isSuccess) parts.push(words.webhooks.nothingWaits);
  return <Line place={place} parts={parts} />;
}

function Line({ parts, idle, place }: { parts: string[]; idle?: boolean; place?: Ref<HTMLSpanElement> }) {
  const Icon = idle ? CirclePause : TriangleAlert;
  return (
    <span ref={place} className={`${styles.diagnosis} ${idle ? styles.idle : ''}`}>
      <Icon size={13} aria-hidden />
      <span>{parts.join(' · ')}</span>
    </span>
  );
}
