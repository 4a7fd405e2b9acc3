import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import type { DeliveryWithAttempts } from '../../api/client.ts';
import { deliveryQuery } from '../../api/queries.ts';
import type { DeliverySearch } from '../../search.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Failed, Loading } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { words } from '../../words/index.ts';
import { AttemptDetails } from './attempt-details.tsx';
import { Difference } from './difference.tsx';
import { DrawerActions, isOpen } from './drawer-actions.tsx';
import { DrawerFacts } from './drawer-facts.tsx';
import { Lifecycle } from './lifecycle.tsx';
import { Payload } from './payload.tsx';
import styles from './drawer.module.css';

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
      <DrawerActions delivery={delivery} number={attempt?.number} />
      <DrawerFacts delivery={delivery} />
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
