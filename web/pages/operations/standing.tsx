import { useEffect, useState } from 'react';
import type { Schemas } from '../../api/client.ts';
import { number, seconds, since } from '../../format.ts';
import { Figures, type Figure } from '../../ui/figures.tsx';
import { words } from '../../words/index.ts';
import { outlookOf, remember, type Outlook, type Sample } from './outlook.ts';

type Now = Schemas['Operations'];
/** Older than that, what waits is no longer on its way as usual. */
const OLD_SECONDS = 60;

/** What waits, how old the oldest is, and when it will be gone; what else is under way. */
export function Standing({ now }: { now: Now }) {
  const outlook = useOutlook(now);
  const { standing } = words.operations;
  const counted = (count: number) => `${number(count)}${count >= now.counted_to ? '+' : ''}`;
  const { backlog, lanes, replays } = now;
  const age = (oldest: number): Partial<Figure> =>
    oldest === 0 ? {} : { more: standing.oldest(seconds(Math.round(oldest))) };
  const figures: Figure[] = [
    {
      name: standing.waiting,
      value: counted(backlog.deliveries),
      ...age(backlog.oldest_seconds),
      ...(backlog.oldest_seconds > OLD_SECONDS && { tone: 'warn' }),
      note: inWords(outlook),
    },
    {
      name: standing.overdue,
      value: counted(backlog.overdue_retries),
      ...(backlog.overdue_retries > 0 && { tone: 'warn' }),
      note: backlog.overdue_retries > 0 && standing.overdueText,
    },
    {
      name: standing.lanes,
      value: counted(lanes.deliveries),
      ...age(lanes.oldest_seconds),
      ...(lanes.overdue > 0 && { tone: 'warn' }),
      note: lanes.lanes > 0 && standing.lanesText(counted(lanes.lanes), counted(lanes.overdue)),
    },
    {
      name: standing.failing,
      value: counted(now.failing_endpoints),
      ...(now.failing_endpoints > 0 && { tone: 'bad' }),
    },
    {
      name: standing.replays,
      value: counted(replays.running),
      ...(replays.paused > 0 && { more: standing.paused(counted(replays.paused)) }),
      note: now.releases > 0 && standing.releases(counted(now.releases)),
    },
    { name: standing.notices, value: counted(now.notifications_waiting) },
  ];
  return <Figures figures={figures} />;
}

function useOutlook(now: Now): Outlook {
  const [samples, setSamples] = useState<Sample[]>([]);
  const { at, counted_to: limit } = now;
  const waiting = now.backlog.deliveries;
  useEffect(() => {
    setSamples((before) => remember(before, { atMs: Date.parse(at), waiting }, limit));
  }, [at, waiting, limit]);
  return outlookOf(samples, limit);
}

function inWords(outlook: Outlook): string | null {
  const { standing } = words.operations;
  if (outlook.kind === 'empty') return standing.empty;
  if (outlook.kind === 'steady') return standing.steady;
  if (outlook.kind === 'growing') return standing.growing(number(outlook.perSecond, 1));
  if (outlook.kind === 'unknown') return null;
  return standing.draining(since(new Date(outlook.doneAtMs).toISOString()), number(outlook.perSecond, 1));
}
