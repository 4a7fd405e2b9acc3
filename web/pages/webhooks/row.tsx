import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { number, percent } from '../../format.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { layout } from '../../ui/layout.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Pill } from '../../ui/status.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Relative } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { Diagnosis } from './diagnosis.tsx';
import { useSetEnabled } from './enable.ts';
import { nameOf } from './name.ts';
import { visibleUrl } from '../../ui/visible.ts';
import styles from './list.module.css';

type Stats = Schemas['StatisticsByEndpoint']['data'][number];

export function WebhookRow({ endpoint, stats }: { endpoint: Schemas['ListedEndpoint']; stats?: Stats }) {
  const mayChange = useMayChange();
  const setEnabled = useSetEnabled(endpoint);
  const name = nameOf(endpoint);
  const rate = stats?.total.success_rate ?? null;
  const last = endpoint.last_attempt;
  return (
    <tr>
      <td>
        <div className={styles.name}>
          <Link to="/webhooks/$id" params={{ id: endpoint.id }}>
            {name}
          </Link>
          <span className={styles.url} title={visibleUrl(endpoint.url)}>
            {visibleUrl(endpoint.url)}
          </span>
          <Diagnosis endpoint={endpoint} />
        </div>
      </td>
      <td className={layout.minor}>{endpoint.profile}</td>
      <td className={layout.minor}>
        <Events patterns={endpoint.events} />
      </td>
      <td className={layout.minor}>
        <Sparkline attempts={stats?.attempts ?? []} failed={stats?.failed ?? []} />
      </td>
      <td className={`${layout.nowrap} ${layout.minor}`}>
        {rate === null ? <span className={layout.quiet}>{words.webhooks.noAttempts}</span> : percent(rate)}
      </td>
      <td className={`${layout.number} ${layout.minor}`}>
        {endpoint.held.count === 0
          ? '–'
          : `${number(endpoint.held.count)}${endpoint.held.is_more ? '+' : ''}`}
      </td>
      <td className={layout.minor}>
        {last ? (
          <div className={styles.last}>
            <Pill tone={last.error ? 'bad' : 'good'}>
              {String(last.status_code ?? words.errorClass[last.error?.class ?? 'http'])}
            </Pill>
            <Relative time={last.started_at} />
          </div>
        ) : (
          <span className={layout.quiet}>{words.webhooks.never}</span>
        )}
      </td>
      <td>
        <Switch
          label={words.webhooks.enableOf(name)}
          checked={endpoint.enabled}
          disabled={!mayChange}
          busy={setEnabled.isPending}
          onChange={(enabled) => setEnabled.mutate(enabled)}
        />
      </td>
      <td>{mayChange && <Delete id={endpoint.id} name={name} />}</td>
    </tr>
  );
}

const SHOWN_EVENTS = 2;

function Events({ patterns }: { patterns: string[] }) {
  if (patterns.includes('*')) return <span className={layout.nowrap}>{words.webhooks.allEvents}</span>;
  const more = patterns.length - SHOWN_EVENTS;
  return (
    <div className={styles.events} title={patterns.join('\n')}>
      {patterns.slice(0, SHOWN_EVENTS).map((pattern) => (
        <span key={pattern} className={styles.event}>
          {pattern}
        </span>
      ))}
      {more > 0 && <span className={styles.event}>{words.webhooks.moreEvents(more)}</span>}
    </div>
  );
}

function Delete({ id, name }: { id: string; name: string }) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      ask(api.DELETE('/v1/tenants/{tenant}/endpoints/{id}', { params: { path: { tenant, id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [tenant] });
      announce(words.webhooks.deleted(name));
    },
  });
  return (
    <>
      <Button
        look="quiet"
        small
        square
        aria-label={words.webhooks.deleteOf(name)}
        onClick={() => setIsAsked(true)}
      >
        <Trash2 size={15} aria-hidden />
      </Button>
      <Confirm
        danger
        open={isAsked}
        title={words.webhooks.deleteTitle(name)}
        text={words.webhooks.deleteText}
        action={words.webhooks.delete}
        onClose={() => setIsAsked(false)}
        onConfirm={() => remove.mutateAsync()}
      />
    </>
  );
}
