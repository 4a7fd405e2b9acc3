import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Ban, ExternalLink, RotateCcw, Terminal, X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { api, ask, type DeliveryWithAttempts } from '../../api/client.ts';
import { deliveryQuery } from '../../api/queries.ts';
import type { DeliverySearch } from '../../search.ts';
import { useMayChange, useSignedIn, useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Copy, copyText } from '../../ui/copy.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { words } from '../../words/index.ts';
import { AttemptDetails } from './attempt-details.tsx';
import { curlOf } from './curl.ts';
import { Difference } from './difference.tsx';
import { useEndpointNames } from './endpoint-names.ts';
import { Lifecycle } from './lifecycle.tsx';
import { Payload } from './payload.tsx';
import { useRetry } from './retry.ts';
import styles from './drawer.module.css';

const isOpen = ({ status }: DeliveryWithAttempts): boolean =>
  status === 'pending' || status === 'retrying' || status === 'held';

/** One delivery, beside the list. The list stays usable; Escape and Back close it. */
export function Drawer({ id, onClose, onReturn }: { id: string; onClose: () => void; onReturn: () => void }) {
  const query = useQuery({
    ...deliveryQuery(useTenant(), id),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? 2_000 : false),
  });
  const panel = useRef<HTMLElement>(null);
  const back = useRef(onReturn);
  useEffect(() => {
    back.current = onReturn;
  });
  useEffect(() => {
    const goBack = back;
    panel.current?.focus();
    return () => goBack.current();
  }, []);
  const { drawer } = words;
  return (
    <aside
      ref={panel}
      className={styles.drawer}
      aria-label={drawer.label}
      tabIndex={-1}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <Button look="quiet" square className={styles.close} aria-label={words.common.close} onClick={onClose}>
        <X size={17} aria-hidden />
      </Button>
      {query.isPending && <Loading rows={8} />}
      {query.isError && !query.data && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Content delivery={query.data} />}
    </aside>
  );
}

function Content({ delivery }: { delivery: DeliveryWithAttempts }) {
  const { n } = useSearch({ from: '/deliveries' });
  const navigate = useNavigate({ from: '/deliveries' });
  const { attempts } = delivery;
  const attempt = attempts.find(({ number }) => String(number) === n) ?? attempts.at(-1);
  const choose = (number: number) =>
    void navigate({
      search: (before: DeliverySearch & { tenant?: string }) => ({ ...before, n: String(number) }),
      replace: true,
      resetScroll: false,
    });
  const { drawer } = words;
  return (
    <>
      <header className={styles.head}>
        <Status status={delivery.status} />
        <h2>
          <code>{delivery.event_type}</code>
        </h2>
        <p className={styles.id}>
          <code>{delivery.id}</code>
          <Copy text={delivery.id} label={words.common.copyOf(drawer.id)} />
        </p>
      </header>
      <Actions delivery={delivery} number={attempt?.number} />
      <Facts delivery={delivery} />
      <Part title={drawer.story}>
        <Lifecycle delivery={delivery} chosen={attempt?.number} onChoose={choose} />
      </Part>
      {attempt && (
        <Part title={drawer.attempt(attempt.number)}>
          <AttemptDetails attempt={attempt} />
        </Part>
      )}
      {attempt?.error && <Difference delivery={delivery} attempt={attempt} />}
      <Part title={drawer.payload}>
        {delivery.request_body === null ? (
          <p>{drawer.noPayload}</p>
        ) : (
          <Payload text={delivery.request_body} label={drawer.payload} name={`${delivery.id}.json`} />
        )}
      </Part>
    </>
  );
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className={styles.part}>
    <h3>{title}</h3>
    {children}
  </section>
);

function Facts({ delivery }: { delivery: DeliveryWithAttempts }) {
  const names = useEndpointNames();
  const { drawer } = words;
  const { event_id: event, endpoint_id: endpoint, replay_id: replay } = delivery;
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{drawer.webhook}</dt>
        <dd>
          <Link to="/webhooks/$id" params={{ id: endpoint }}>
            {names.get(endpoint) ?? endpoint}
          </Link>
        </dd>
      </div>
      <div>
        <dt>{drawer.event}</dt>
        <dd>
          <Link to="/events/$id" params={{ id: event }}>
            {event}
          </Link>
        </dd>
      </div>
      <div>
        <dt>{drawer.trigger}</dt>
        <dd>
          {words.trigger[delivery.trigger]}
          {replay && (
            <Link to="/replays/$id" params={{ id: replay }}>
              {' '}
              {replay.slice(0, 14)}…
            </Link>
          )}
        </dd>
      </div>
      <div>
        <dt>{drawer.environment}</dt>
        <dd>{words.environment[delivery.environment]}</dd>
      </div>
      {delivery.ordered && (
        <div>
          <dt>{drawer.ordered}</dt>
          <dd>{delivery.ordering_key ?? drawer.noKey}</dd>
        </div>
      )}
    </dl>
  );
}

function Actions({ delivery, number }: { delivery: DeliveryWithAttempts; number?: number }) {
  const { me, tenant } = useSignedIn();
  const mayChange = useMayChange();
  const queries = useQueryClient();
  const retry = useRetry();
  const cancel = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/v1/tenants/{tenant}/deliveries/{id}/cancel', {
          params: { path: { tenant, id: delivery.id } },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [tenant, 'delivery', delivery.id] });
      announce(words.drawer.cancelled);
    },
    onError: (error) => announce(error.message, 'bad'),
  });
  const { drawer } = words;
  const workflow = me.temporal_ui && delivery.workflow_id;
  return (
    <div className={styles.actions}>
      {mayChange && (
        <Button look="primary" small busy={retry.isPending} onClick={() => retry.mutate(delivery.id)}>
          <RotateCcw size={14} aria-hidden />
          {retry.isPending ? drawer.retrying : drawer.retry}
        </Button>
      )}
      {mayChange && isOpen(delivery) && (
        <Button small busy={cancel.isPending} onClick={() => cancel.mutate()}>
          <Ban size={14} aria-hidden />
          {drawer.cancel}
        </Button>
      )}
      {delivery.attempts.length > 0 && (
        <Button small onClick={() => void copyText(curlOf(delivery, number))}>
          <Terminal size={14} aria-hidden />
          {drawer.curl}
        </Button>
      )}
      {workflow && (
        <a
          href={`${me.temporal_ui}/namespaces/default/workflows/${encodeURIComponent(workflow)}`}
          target="_blank"
          rel="noreferrer"
          className={styles.outside}
        >
          {drawer.workflow}
          <ExternalLink size={13} aria-hidden />
        </a>
      )}
    </div>
  );
}
