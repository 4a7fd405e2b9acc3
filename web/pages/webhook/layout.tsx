import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { endpointQuery } from '../../api/queries.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { useActiveInView } from '../../ui/active-in-view.ts';
import { PageHead } from '../../ui/layout.tsx';
import { Failed, Loading, Stale } from '../../ui/states.tsx';
import { Pill } from '../../ui/status.tsx';
import { Switch } from '../../ui/switch.tsx';
import { words } from '../../words/index.ts';
import { useSetEnabled } from '../webhooks/enable.ts';
import { nameOf } from '../webhooks/name.ts';
import { EndpointContext, useEndpoint } from './endpoint.ts';
import { visibleUrl } from '../../ui/visible.ts';
import styles from './webhook.module.css';

export function WebhookLayout() {
  const { id } = useParams({ from: '/webhooks/$id' });
  const endpoint = useQuery(endpointQuery(useTenant(), id));
  if (endpoint.isPending) return <Loading />;
  if (!endpoint.data) return <Failed error={endpoint.error} onRetry={() => void endpoint.refetch()} />;
  return (
    <EndpointContext value={endpoint.data}>
      <Head />
      {endpoint.isError && <Stale error={endpoint.error} onRetry={() => void endpoint.refetch()} />}
      <Tabs />
      <Outlet />
    </EndpointContext>
  );
}

function Head() {
  const endpoint = useEndpoint();
  const mayChange = useMayChange();
  const setEnabled = useSetEnabled(endpoint);
  const name = nameOf(endpoint);
  const { state } = words.webhook;
  return (
    <PageHead
      above={
        <Link to="/webhooks" className={styles.up}>
          <ChevronLeft size={14} aria-hidden />
          {words.nav.webhooks}
        </Link>
      }
      title={name}
      text={<code>{visibleUrl(endpoint.url)}</code>}
    >
      {endpoint.enabled ? (
        <Pill tone="good">{state.enabled}</Pill>
      ) : (
        <Pill tone="idle">{state.disabled}</Pill>
      )}
      <Switch
        label={words.webhooks.enableOf(name)}
        checked={endpoint.enabled}
        disabled={!mayChange}
        busy={setEnabled.isPending}
        onChange={(enabled) => setEnabled.mutate(enabled)}
      />
    </PageHead>
  );
}

function Tabs() {
  const { id } = useEndpoint();
  const mayChange = useMayChange();
  const { tabs } = words.webhook;
  const look = { className: styles.tab, activeProps: { className: `${styles.tab} ${styles.current}` } };
  return (
    <nav ref={useActiveInView()} className={styles.tabs} aria-label={tabs.label}>
      <Link
        to="/webhooks/$id"
        params={{ id }}
        activeOptions={{ exact: true, includeSearch: false }}
        {...look}
      >
        {tabs.overview}
      </Link>
      <Link to="/deliveries" search={{ endpoint: id }} className={styles.tab}>
        {tabs.deliveries}
      </Link>
      {mayChange && (
        <>
          <Link to="/webhooks/$id/edit" params={{ id }} {...look}>
            {tabs.edit}
          </Link>
          <Link to="/webhooks/$id/secret" params={{ id }} {...look}>
            {tabs.secret}
          </Link>
          <Link to="/webhooks/$id/test" params={{ id }} {...look}>
            {tabs.test}
          </Link>
        </>
      )}
      <Link to="/webhooks/$id/audit" params={{ id }} {...look}>
        {tabs.audit}
      </Link>
    </nav>
  );
}
