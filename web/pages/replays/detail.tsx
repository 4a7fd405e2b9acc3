import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Pause, Play, X } from 'lucide-react';
import { useState } from 'react';
import { api, ask, type Replay } from '../../api/client.ts';
import { number, seconds, since } from '../../format.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Card, Facts, layout, PageHead } from '../../ui/layout.tsx';
import { Failed, Loading, Stale } from '../../ui/states.tsx';
import { At, useNowMs } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { useEndpointNames } from '../deliveries/endpoint-names.ts';
import { Bar, ReplayStatus } from './progress.tsx';

const isOver = ({ status }: Replay): boolean => status === 'completed' || status === 'cancelled';

export function ReplayPage() {
  const tenant = useTenant();
  const { id } = useParams({ from: '/replays/$id' });
  const names = useEndpointNames();
  const query = useQuery({
    queryKey: [tenant, 'replays', id],
    queryFn: () => ask(api.GET('/v1/tenants/{tenant}/replays/{id}', { params: { path: { tenant, id } } })),
    // A cancelled one makes no more; how what it had made came out is known a little later.
    refetchInterval: ({ state }) => (state.data?.completed_at ? false : 1_000),
  });
  if (query.isPending) return <Loading />;
  if (!query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  const replay = query.data;
  const { replays } = words;
  return (
    <>
      <PageHead
        title={replays.one(names.get(replay.endpoint_id) ?? replay.endpoint_id)}
        text={<code>{replay.id}</code>}
      >
        <ReplayStatus replay={replay} />
        <Actions replay={replay} />
      </PageHead>
      {query.isError && <Stale error={query.error} onRetry={() => void query.refetch()} />}
      <Card title={replays.progress}>
        <Bar replay={replay} />
        <p aria-live="polite">
          <b>{replays.doneOf(number(replay.done), replay.total === null ? '…' : number(replay.total))}</b>{' '}
          <Left replay={replay} />
          {replay.reason &&
            ` ${replays.reasons[replay.reason as keyof typeof replays.reasons] ?? replay.reason}`}
        </p>
        <Facts
          facts={[
            [words.status.succeeded, number(replay.succeeded)],
            [words.status.failed, number(replay.failed)],
            [words.status.cancelled, number(replay.cancelled)],
            [replays.open, number(replay.open)],
            ...(replay.skipped > 0
              ? ([[replays.skipped, number(replay.skipped)]] as [string, string][])
              : []),
          ]}
        />
        <div className={layout.row}>
          <Link to="/deliveries" search={{ replay: replay.id }}>
            {replays.deliveries}
          </Link>
        </div>
      </Card>
      <Card title={replays.what}>
        <Facts
          facts={[
            [words.replay.kind, words.replay.kinds[replay.kind]],
            [replays.since, since(replay.since)],
            [replays.until, since(replay.until)],
            [words.replay.types, replay.event_types?.join(', ') ?? words.common.all],
            [
              words.replay.rate,
              replay.per_second === null ? replays.asItTakes : `${number(replay.per_second, 2)}/s`,
            ],
            [replays.began, <At key="began" time={replay.created_at} />],
          ]}
        />
      </Card>
    </>
  );
}

/** At this rate. */
function Left({ replay }: { replay: Replay }) {
  const nowMs = useNowMs();
  if (isOver(replay) || replay.total === null || replay.status === 'paused') return null;
  const goneSeconds = (nowMs - new Date(replay.created_at).getTime()) / 1000;
  const left = replay.total - replay.done;
  if (replay.done === 0 || goneSeconds < 2 || left <= 0) return null;
  return <>{words.replays.left(seconds((goneSeconds / replay.done) * left))}</>;
}

function Actions({ replay }: { replay: Replay }) {
  const tenant = useTenant();
  const mayChange = useMayChange();
  const queries = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const params = { path: { tenant, id: replay.id } };
  const order = useMutation({
    mutationFn: (what: 'pause' | 'resume' | 'cancel') => {
      if (what === 'pause') return ask(api.POST('/v1/tenants/{tenant}/replays/{id}/pause', { params }));
      if (what === 'resume') return ask(api.POST('/v1/tenants/{tenant}/replays/{id}/resume', { params }));
      return ask(api.POST('/v1/tenants/{tenant}/replays/{id}/cancel', { params }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [tenant, 'replays'] }),
    onError: (error) => announce(error.message, 'bad'),
  });
  if (!mayChange || isOver(replay)) return null;
  const { replays } = words;
  return (
    <>
      {replay.status === 'running' && (
        <Button busy={order.isPending} onClick={() => order.mutate('pause')}>
          <Pause size={15} aria-hidden />
          {replays.pause}
        </Button>
      )}
      {replay.status === 'paused' && (
        <Button look="primary" busy={order.isPending} onClick={() => order.mutate('resume')}>
          <Play size={15} aria-hidden />
          {replays.resume}
        </Button>
      )}
      <Button look="danger" onClick={() => setIsAsked(true)}>
        <X size={15} aria-hidden />
        {replays.cancel}
      </Button>
      <Confirm
        danger
        open={isAsked}
        title={replays.cancelTitle}
        text={replays.cancelText}
        action={replays.cancel}
        onClose={() => setIsAsked(false)}
        onConfirm={() => order.mutateAsync('cancel')}
      />
    </>
  );
}
