import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { endpointsQuery } from '../../api/queries.ts';
import { serverNowMs } from '../../clock.ts';
import { ENVIRONMENTS, SPANS, STATUSES, type DeliverySearch } from '../../search.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { words } from '../../words/index.ts';
import { nameOf } from '../webhooks/name.ts';
import styles from './deliveries.module.css';

const FILTERS = [
  'status',
  'endpoint',
  'event',
  'replay',
  'type',
  'environment',
  'last',
  'since',
  'until',
] as const;
export const isFiltered = (search: DeliverySearch): boolean =>
  FILTERS.some((name) => search[name] !== undefined);

export function useSetFilter() {
  const navigate = useNavigate({ from: '/deliveries' });
  return (change: DeliverySearch) =>
    void navigate({
      search: (before: DeliverySearch & { tenant?: string }) => ({
        ...before,
        ...change,
        open: undefined,
        n: undefined,
      }),
      replace: true,
    });
}
export const NO_FILTER: DeliverySearch = Object.fromEntries(FILTERS.map((name) => [name, undefined]));

export function Filters() {
  const search = useSearch({ from: '/deliveries' });
  const set = useSetFilter();
  const endpoints =
    useInfiniteQuery(endpointsQuery(useTenant())).data?.pages.flatMap((page) => page.data) ?? [];
  const { filters } = words.deliveries;
  const chosen = search.status ?? [];
  return (
    <div className={styles.filters} role="search" aria-label={filters.label}>
      <div className={styles.statuses} role="group" aria-label={words.deliveries.columns.status}>
        {STATUSES.map((status) => {
          const on = chosen.includes(status);
          return (
            <button
              key={status}
              type="button"
              className={styles.chip}
              aria-pressed={on}
              onClick={() => {
                const next = STATUSES.filter((one) => (one === status ? !on : chosen.includes(one)));
                set({ status: next.length > 0 ? next : undefined });
              }}
            >
              {words.status[status]}
            </button>
          );
        })}
      </div>
      <div className={styles.fields}>
        <Choice
          hideLabel
          label={filters.webhook}
          value={search.endpoint ?? ''}
          options={[
            { value: '', label: filters.anyWebhook },
            ...endpoints.map((one) => ({ value: one.id, label: nameOf(one) })),
            ...(search.endpoint && !endpoints.some(({ id }) => id === search.endpoint)
              ? [{ value: search.endpoint, label: search.endpoint }]
              : []),
          ]}
          onChange={(endpoint) => set({ endpoint: endpoint || undefined })}
        />
        <TextField
          hideLabel
          mono
          label={filters.type}
          placeholder={filters.type}
          value={search.type ?? ''}
          onChange={(type) => set({ type: type.trim() || undefined })}
        />
        <Choice
          hideLabel
          label={filters.environment}
          value={search.environment ?? ''}
          options={[
            { value: '', label: filters.anyEnvironment },
            ...ENVIRONMENTS.map((value) => ({ value, label: words.environment[value] })),
          ]}
          onChange={(environment) => set({ environment: environment || undefined })}
        />
        <Choice
          hideLabel
          label={filters.span}
          value={search.last ?? (search.since || search.until ? 'own' : '')}
          options={[
            { value: '', label: filters.anyTime },
            ...SPANS.map((value) => ({ value, label: filters.spans[value] })),
            { value: 'own' as const, label: filters.ownSpan },
          ]}
          onChange={(last) => {
            const none = { last: undefined, since: undefined, until: undefined };
            if (last === 'own') set({ ...none, since: localNow(-86_400_000), until: localNow(0) });
            else set({ ...none, last: last || undefined });
          }}
        />
        {(search.since || search.until) && (
          <>
            <TextField
              hideLabel
              label={filters.since}
              type="datetime-local"
              value={search.since ?? ''}
              onChange={(since) => set({ since: since || undefined })}
            />
            <TextField
              hideLabel
              label={filters.until}
              type="datetime-local"
              value={search.until ?? ''}
              onChange={(until) => set({ until: until || undefined })}
            />
          </>
        )}
        {search.event && (
          <Fixed text={filters.event(search.event)} onRemove={() => set({ event: undefined })} />
        )}
        {search.replay && (
          <Fixed text={filters.replay(search.replay)} onRemove={() => set({ replay: undefined })} />
        )}
        {isFiltered(search) && (
          <Button look="quiet" onClick={() => set(NO_FILTER)}>
            {words.common.clearFilters}
          </Button>
        )}
      </div>
    </div>
  );
}

/** As `<input type="datetime-local">` has it. */
function localNow(offsetMs: number): string {
  const at = new Date(serverNowMs() + offsetMs);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Fixed({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <span className={styles.fixed}>
      {text}
      <Button small square look="quiet" aria-label={`${words.common.remove}: ${text}`} onClick={onRemove}>
        <X size={13} aria-hidden />
      </Button>
    </span>
  );
}
