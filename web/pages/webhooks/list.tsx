import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { endpointsQuery, statsByEndpointQuery } from '../../api/queries.ts';
import type { Schemas } from '../../api/client.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { Card, layout, PageHead, Table } from '../../ui/layout.tsx';
import { Empty, Failed, Loading, Stale } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import { isFailing } from './diagnosis.tsx';
import { FirstWebhook } from './first-webhook.tsx';
import styles from './list.module.css';
import { WebhookRow } from './row.tsx';

type Listed = Schemas['ListedEndpoint'];

export function WebhookList() {
  const tenant = useTenant();
  const mayChange = useMayChange();
  const endpoints = useInfiniteQuery(endpointsQuery(tenant));
  const stats = useQuery(statsByEndpointQuery(tenant));
  const statsOf = useMemo(() => new Map(stats.data?.data.map((row) => [row.endpoint_id, row])), [stats.data]);
  const all = endpoints.data?.pages.flatMap((page) => page.data) ?? [];
  const found = all.filter(useFilter());

  if (endpoints.isPending) return <Loading />;
  if (!endpoints.data) return <Failed error={endpoints.error} onRetry={() => void endpoints.refetch()} />;
  if (all.length === 0) return <FirstWebhook />;
  const { webhook, profile, events, last24h, rate, held, last, enabled, actions } = words.webhooks;
  return (
    <>
      <PageHead title={words.webhooks.title} text={words.webhooks.text}>
        {mayChange && (
          <ButtonLink to="/webhooks/new" look="primary">
            <Plus size={16} aria-hidden />
            {words.webhooks.create}
          </ButtonLink>
        )}
      </PageHead>
      {endpoints.isError && <Stale error={endpoints.error} onRetry={() => void endpoints.refetch()} />}
      <Filters />
      <Card flush>
        {found.length === 0 ? (
          <NoMatch count={all.length} />
        ) : (
          <Table
            label={words.webhooks.title}
            head={
              <>
                <th scope="col">{webhook}</th>
                {[profile, events, last24h, rate, held, last].map((name) => (
                  <th key={name} scope="col" className={layout.minor}>
                    {name}
                  </th>
                ))}
                <th scope="col">{enabled}</th>
                <th scope="col">
                  <span className="sr-only">{actions}</span>
                </th>
              </>
            }
          >
            {found.map((endpoint) => (
              <WebhookRow key={endpoint.id} endpoint={endpoint} stats={statsOf.get(endpoint.id)} />
            ))}
          </Table>
        )}
      </Card>
      {endpoints.hasNextPage && (
        <Button busy={endpoints.isFetchingNextPage} onClick={() => void endpoints.fetchNextPage()}>
          {words.common.more}
        </Button>
      )}
    </>
  );
}

function useFilter(): (endpoint: Listed) => boolean {
  const { q = '', show } = useSearch({ from: '/webhooks' });
  const wanted = q.toLowerCase();
  return (endpoint) => {
    if (wanted && !`${endpoint.name ?? ''} ${endpoint.url} ${endpoint.id}`.toLowerCase().includes(wanted))
      return false;
    if (show === 'enabled') return endpoint.enabled;
    if (show === 'disabled') return !endpoint.enabled;
    return show === 'failing' ? isFailing(endpoint) : true;
  };
}

function Filters() {
  const search = useSearch({ from: '/webhooks' });
  const navigate = useNavigate({ from: '/webhooks' });
  const set = (change: typeof search) =>
    void navigate({
      search: (before: typeof search & { tenant?: string }) => ({ ...before, ...change }),
      replace: true,
    });
  const { showAll, showEnabled, showDisabled, showFailing } = words.webhooks;
  return (
    <div className={styles.filters} role="search">
      <TextField
        hideLabel
        label={words.webhooks.search}
        placeholder={words.webhooks.search}
        type="search"
        value={search.q ?? ''}
        onChange={(q) => set({ q: q === '' ? undefined : q })}
      />
      <Choice
        hideLabel
        label={words.webhooks.show}
        value={search.show ?? 'all'}
        options={[
          { value: 'all', label: showAll },
          { value: 'enabled', label: showEnabled },
          { value: 'disabled', label: showDisabled },
          { value: 'failing', label: showFailing },
        ]}
        onChange={(show) => set({ show: show === 'all' ? undefined : show })}
      />
    </div>
  );
}

function NoMatch({ count }: { count: number }) {
  const navigate = useNavigate({ from: '/webhooks' });
  const clear = () =>
    void navigate({ search: ({ tenant }: { tenant?: string }) => ({ tenant }), replace: true });
  return (
    <Empty
      icon={SearchX}
      title={words.webhooks.noMatch}
      action={<Button onClick={clear}>{words.common.clearFilters}</Button>}
    >
      {words.webhooks.noMatchText(count)}
    </Empty>
  );
}
