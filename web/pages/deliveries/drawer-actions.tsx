import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, ExternalLink, RotateCcw, Terminal } from 'lucide-react';
import { api, ask, type DeliveryWithAttempts } from '../../api/client.ts';
import { useMayChange, useSignedIn, useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { copyText } from '../../ui/copy.tsx';
import { words } from '../../words/index.ts';
import { curlOf } from './curl.ts';
import { useRetry } from './retry.ts';
import styles from './drawer.module.css';

export const isOpen = ({ status }: DeliveryWithAttempts): boolean =>
  status === 'pending' || status === 'retrying' || status === 'held';

/** What can be done with it. */
export function DrawerActions({ delivery, number }: { delivery: DeliveryWithAttempts; number?: number }) {
  const { me } = useSignedIn();
  const tenant = useTenant();
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
