import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { ApiProblem, api, ask, type Schemas } from '../../api/client.ts';
import { endpointsQuery } from '../../api/queries.ts';
import { serverNowMs } from '../../clock.ts';
import { fullTime, number } from '../../format.ts';
import { numberOf } from '../../numbers.ts';
import type { DeliverySearch } from '../../search.ts';
import { newKey } from '../../request-key.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogBack } from '../../ui/dialog.tsx';
import { Check, Choice, TextField } from '../../ui/field.tsx';
import { layout } from '../../ui/layout.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import type { DeliveryFilter } from '../deliveries/query.ts';
import { nameOf } from '../webhooks/name.ts';
import { useOneFirst } from './one-first.ts';
import styles from './replays.module.css';

const DAY_MS = 86_400_000;
type Kind = 'failed' | 'all' | 'missing';

/** By what the list is filtered from which it is asked for. */
interface Asked {
  search: DeliverySearch;
  filter: DeliveryFilter;
}

/** All that match, again: the filter and the count are fixed by the server before it begins. */
export function ReplayDialog({ onClose, ...asked }: Asked & { onClose: () => void }) {
  return (
    <Dialog open title={words.replay.title} onClose={onClose}>
      <Form {...asked} />
    </Dialog>
  );
}

function Form({ search, filter }: Asked) {
  const tenant = useTenant();
  const navigate = useNavigate();
  const endpoints = useInfiniteQuery(endpointsQuery(tenant)).data?.pages.flatMap((page) => page.data) ?? [];
  const [endpoint, setEndpoint] = useState(search.endpoint ?? '');
  const [kind, setKind] = useState<Kind>('failed');
  const [rate, setRate] = useState('');
  const [isCareful, setIsCareful] = useState(false);
  useUnsaved(rate !== '' || isCareful || kind !== 'failed' || endpoint !== (search.endpoint ?? ''));
  const [span] = useState(() => ({
    since: filter.since ?? new Date(serverNowMs() - 7 * DAY_MS).toISOString(),
    until: filter.until ?? new Date(serverNowMs()).toISOString(),
  }));
  const types = filter.event_type ? { event_types: [filter.event_type] } : {};
  const body = { endpoint_id: endpoint, kind, ...span, ...types };
  const params = { path: { tenant } };
  const count = useQuery({
    queryKey: [tenant, 'replay-count', body],
    queryFn: async () => {
      const answer = await ask(
        api.POST('/v1/tenants/{tenant}/replays', { params, body: { ...body, dry_run: true } }),
      );
      return answer as Schemas['ReplayDryRun'];
    },
    enabled: endpoint !== '',
    retry: false,
  });
  const oneFirst = useOneFirst();
  // Of this opening of the dialog: whose answer was lost, and who asks again, has one replay all the same.
  const [key] = useState(newKey);
  const [firstOf, setFirstOf] = useState<string | null>(null);
  const begin = useMutation({
    mutationFn: async () => {
      if (isCareful && firstOf !== endpoint) {
        await oneFirst({ endpoint_id: endpoint, ...span, event_type: filter.event_type });
        setFirstOf(endpoint);
      }
      const per_second = numberOf(rate);
      return (await ask(
        api.POST('/v1/tenants/{tenant}/replays', {
          params: { ...params, header: { 'Idempotency-Key': key } },
          body: { ...body, ...(per_second !== null && { per_second }) },
        }),
      )) as Schemas['Replay'];
    },
    onSuccess: ({ id }) => navigate({ to: '/replays/$id', params: { id }, ignoreBlocker: true }),
  });
  const { replay } = words;
  const wider = notTaken(search);
  const total = count.data?.total ?? 0;
  return (
    <div className={layout.stack}>
      <Choice
        label={replay.webhook}
        value={endpoint}
        options={[
          { value: '', label: replay.choose },
          ...endpoints.map((one) => ({ value: one.id, label: nameOf(one) })),
        ]}
        onChange={setEndpoint}
      />
      <Choice
        label={replay.kind}
        hint={replay.kindHints[kind]}
        value={kind}
        options={(['failed', 'all', 'missing'] as const).map((value) => ({
          value,
          label: replay.kinds[value],
        }))}
        onChange={setKind}
      />
      <p>{replay.span(fullTime(span.since), fullTime(span.until))}</p>
      {filter.event_type && (
        <p>
          {replay.types} <code>{filter.event_type}</code>
        </p>
      )}
      {wider.length > 0 && (
        <p role="status" className={styles.wider}>
          <TriangleAlert size={15} aria-hidden />
          <span>{replay.wider(wider.join(', '))}</span>
        </p>
      )}
      <TextField
        label={replay.rate}
        hint={replay.rateHint}
        inputMode="decimal"
        value={rate}
        onChange={setRate}
      />
      {kind === 'failed' && (
        <Check
          label={replay.oneFirst}
          hint={replay.oneFirstHint}
          checked={isCareful}
          onChange={setIsCareful}
        />
      )}
      <p aria-live="polite">
        <b>
          {endpoint === ''
            ? replay.chooseFirst
            : count.isPending
              ? replay.counting
              : count.data && replay.count(number(total), count.data.is_complete)}
        </b>
        {count.data && count.data.skipped > 0 && ` ${replay.skipped(count.data.skipped)}`}
      </p>
      {(count.isError || begin.isError) && (
        <p role="alert">
          {hasBegunOtherwise(begin.error) ? replay.begunOtherwise : (begin.error ?? count.error)?.message}{' '}
          {isUnanswered(begin.error) && replay.mayHaveBegun}
        </p>
      )}
      <div className={layout.row}>
        <Button look="primary" busy={begin.isPending} disabled={total === 0} onClick={() => begin.mutate()}>
          {begin.isPending ? replay.beginning : replay.begin(number(total))}
        </Button>
        <DialogBack>{words.common.cancel}</DialogBack>
      </div>
    </div>
  );
}

/** It may have been heard all the same. */
const isUnanswered = (error: Error | null): boolean => error instanceof ApiProblem && error.status === 0;

/** The first answer was lost, and what was asked for has been changed since. */
const hasBegunOtherwise = (error: Error | null): boolean =>
  error instanceof ApiProblem && error.errors.some(({ path }) => path === 'Idempotency-Key');

/** By what the list is filtered and a replay cannot be: more is sent than is seen. */
function notTaken({ environment, event, replay }: DeliverySearch): string[] {
  const { filters } = words.deliveries;
  return [
    ...(environment ? [words.environment[environment]] : []),
    ...(event ? [filters.event(event)] : []),
    ...(replay ? [filters.replay(replay)] : []),
  ];
}
