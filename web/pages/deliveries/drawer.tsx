import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import type { DeliveryWithAttempts } from '../../api/client.ts';
import { deliveryQuery } from '../../api/queries.ts';
import type { DeliverySearch } from '../../search.ts';
import { runKey, useEscape } from '../../keys.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { moveFocus } from '../../ui/focus.ts';
import { Failed, Loading, Stale } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { words } from '../../words/index.ts';
import { AttemptDetails } from './attempt-details.tsx';
import { Difference } from './difference.tsx';
import { DrawerActions, isOpen } from './drawer-actions.tsx';
import { DrawerFacts } from './drawer-facts.tsx';
import { Lifecycle } from './lifecycle.tsx';
import { Payload } from './payload.tsx';
import { pageKeys, useDeliveryKeys, type PageKeys } from './row-keys.ts';
import { drawerEntry } from './use-open.ts';
import styles from './drawer.module.css';

interface Props {
  id: string;
  keys: PageKeys;
  /** The delivery so many rows further down in the list. */
  beside: (by: number) => string | undefined;
  onReturn: () => void;
  /** As it was read last: the list may know less of it. */
  onRead: (delivery: DeliveryWithAttempts) => void;
}

/** One delivery, beside the list. The list stays usable; Escape and Back close it. */
export function Drawer({ id, keys, beside, onReturn, onRead }: Props) {
  const query = useQuery({
    ...deliveryQuery(useTenant(), id),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? 2_000 : false),
  });
  const panel = useRef<HTMLElement>(null);
  const back = useRef(onReturn);
  const tell = useRef(onRead);
  useEffect(() => {
    back.current = onReturn;
    tell.current = onRead;
  });
  useEffect(() => {
    if (query.data) tell.current(query.data);
  }, [query.data]);
  useEffect(() => {
    const goBack = back;
    moveFocus(panel.current);
    return () => {
      // Whoever has gone elsewhere meanwhile stays there.
      if (document.activeElement === document.body) goBack.current();
    };
  }, []);
  useEscape(() => keys.onOpen(undefined));
  useEffect(() => {
    panel.current?.scrollTo(0, 0);
  }, [id]);
  const { n } = useSearch({ from: '/deliveries' });
  const choose = useChooseAttempt();
  const ofDelivery = useDeliveryKeys();
  const attempts = query.data?.attempts ?? [];
  const shown = attempts.findIndex(({ number }) => String(number) === n);
  const at = shown < 0 ? attempts.length - 1 : shown;
  const chooseAt = (index: number) => {
    const attempt = attempts[index];
    if (attempt) choose(attempt.number);
  };
  const move = (by: number) => {
    const next = beside(by);
    if (next) keys.onOpen(next);
  };
  const actions = {
    ...pageKeys(keys),
    ...ofDelivery(id, attempts[at]?.number),
    '[': () => chooseAt(at - 1),
    ']': () => chooseAt(at + 1),
    j: () => move(1),
    k: () => move(-1),
  };
  const { drawer } = words;
  return (
    <aside
      ref={panel}
      className={styles.drawer}
      aria-label={drawer.label}
      tabIndex={-1}
      onKeyDown={(event) => void runKey(event, actions)}
    >
      <Button
        look="quiet"
        square
        className={styles.close}
        aria-label={words.common.close}
        onClick={() => keys.onOpen(undefined)}
      >
        <X size={17} aria-hidden />
      </Button>
      {query.isPending && <Loading rows={8} />}
      {query.isError && !query.data && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isError && query.data && <Stale error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Content key={id} delivery={query.data} />}
    </aside>
  );
}

function useChooseAttempt(): (number: number) => void {
  const navigate = useNavigate({ from: '/deliveries' });
  return (number) =>
    void navigate({
      search: (before: DeliverySearch & { tenant?: string }) => ({ ...before, n: String(number) }),
      ...drawerEntry(true),
    });
}

function Content({ delivery }: { delivery: DeliveryWithAttempts }) {
  const { n } = useSearch({ from: '/deliveries' });
  const choose = useChooseAttempt();
  const { attempts } = delivery;
  const attempt = attempts.find(({ number }) => String(number) === n) ?? attempts.at(-1);
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
