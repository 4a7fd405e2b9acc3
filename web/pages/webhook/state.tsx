import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CirclePause, Clock, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { api, ask, type Endpoint } from '../../api/client.ts';
import { number, since } from '../../format.ts';
import { numberOf } from '../../numbers.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { TextField } from '../../ui/field.tsx';
import { layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';

/** Whether it delivers, and if not: why, since when, what is held, and what can be done. */
export function State() {
  const endpoint = useEndpoint();
  const { state } = words.webhook;
  const { held } = endpoint;
  if (endpoint.unreadable)
    return (
      <Banner look="bad" icon={TriangleAlert} title={state.unreadable}>
        {endpoint.unreadable}
      </Banner>
    );
  if (held.release)
    return (
      <Banner
        look="idle"
        icon={Clock}
        title={state.releasing(number(held.release.released), heldText(endpoint))}
      >
        {held.release.per_second !== null && <p>{state.rate(number(held.release.per_second, 2))}</p>}
      </Banner>
    );
  if (!endpoint.enabled)
    return (
      <Banner
        look={endpoint.disabled_reason === 'manual' ? 'idle' : 'bad'}
        icon={CirclePause}
        title={reasonOf(endpoint)}
      >
        <p>
          {held.count === 0
            ? state.nothingHeld
            : state.held(heldText(endpoint), held.since ? since(held.since) : '–')}
        </p>
        <Release endpoint={endpoint} />
      </Banner>
    );
  if (endpoint.slowed_until)
    return (
      <Banner look="warn" icon={Clock} title={state.slowed(since(endpoint.slowed_until))}>
        {state.slowedText}
      </Banner>
    );
  if (endpoint.failing_since)
    return (
      <Banner look="bad" icon={TriangleAlert} title={state.failing(since(endpoint.failing_since))}>
        {endpoint.disable_after_days === null
          ? state.neverDisabled
          : state.willBeDisabled(
              since(
                new Date(
                  Date.parse(endpoint.failing_since) + endpoint.disable_after_days * 86_400_000,
                ).toISOString(),
              ),
            )}
      </Banner>
    );
  return null;
}

const heldText = ({ held }: Endpoint): string => `${number(held.count)}${held.is_more ? '+' : ''}`;

function reasonOf({ disabled_reason: reason }: Endpoint): string {
  const { reasons } = words.webhook.state;
  return reason === 'gone' || reason === 'failing' ? reasons[reason] : reasons.manual;
}

function Release({ endpoint }: { endpoint: Endpoint }) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const mayChange = useMayChange();
  const [rate, setRate] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  const { state } = words.webhook;
  const enable = useMutation({
    mutationFn: (body: { held: 'deliver' | 'discard'; per_second?: number }) =>
      ask(
        api.POST('/v1/tenants/{tenant}/endpoints/{id}/enable', {
          params: { path: { tenant, id: endpoint.id } },
          body,
        }),
      ),
    onSuccess: async (_answer, { held }) => {
      await queries.invalidateQueries({ queryKey: [tenant] });
      announce(held === 'deliver' ? state.released : state.discarded);
    },
  });
  if (!mayChange) return null;
  const per_second = numberOf(rate);
  return (
    <div className={layout.row}>
      <TextField
        hideLabel
        label={state.rateLabel}
        placeholder={state.rateLabel}
        inputMode="decimal"
        value={rate}
        onChange={setRate}
      />
      <Button
        look="primary"
        busy={enable.isPending}
        onClick={() => enable.mutate({ held: 'deliver', ...(per_second !== null && { per_second }) })}
      >
        {endpoint.held.count > 0 ? state.release : state.enable}
      </Button>
      {endpoint.held.count > 0 && (
        <Button look="danger" onClick={() => setIsAsked(true)}>
          {state.discard}
        </Button>
      )}
      {enable.isError && <p role="alert">{enable.error.message}</p>}
      <Confirm
        danger
        open={isAsked}
        title={state.discardTitle(heldText(endpoint))}
        text={state.discardText}
        action={state.discard}
        onClose={() => setIsAsked(false)}
        onConfirm={() => enable.mutateAsync({ held: 'discard' })}
      />
    </div>
  );
}
