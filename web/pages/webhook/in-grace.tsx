import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { api, ask } from '../../api/client.ts';
import { fullTime, seconds } from '../../format.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { layout } from '../../ui/layout.tsx';
import { useNowMs } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';
import { testRefusal } from './test-refusal.ts';
import { Verdict } from './verdict.tsx';

/** While two secrets sign: how long yet, whether the receiver knows the new one, and the end of the old one. */
export function InGrace() {
  const endpoint = useEndpoint();
  const tenant = useTenant();
  const nowMs = useNowMs();
  const queries = useQueryClient();
  const [isEnding, setIsEnding] = useState(false);
  const { rotation } = words.webhook;
  const params = { path: { tenant, id: endpoint.id } };
  const test = useMutation({
    mutationFn: () => ask(api.POST('/v1/tenants/{tenant}/endpoints/{id}/secret/test', { params })),
  });
  const end = async () => {
    await ask(api.POST('/v1/tenants/{tenant}/endpoints/{id}/secret/end-previous', { params }));
    await queries.invalidateQueries({ queryKey: [tenant, 'endpoints'] });
    announce(rotation.ended);
  };
  const ends = endpoint.previous_secrets_valid_until.filter((end) => new Date(end).getTime() > nowMs).sort();
  const last = ends.at(-1);
  if (!last) return <p>{endpoint.signed ? rotation.single : rotation.unsigned}</p>;
  const isKnown = test.data?.attempt.error === null;
  const left = Math.ceil((new Date(last).getTime() - nowMs) / 1000);
  return (
    <div className={layout.stack}>
      <p>
        <b>{rotation.left(seconds(left))}</b> {rotation.until(fullTime(last))}
      </p>
      <div className={layout.row}>
        <Button busy={test.isPending} onClick={() => test.mutate()}>
          <ShieldCheck size={15} aria-hidden />
          {rotation.test}
        </Button>
        <Button look={isKnown ? 'primary' : 'quiet'} onClick={() => setIsEnding(true)}>
          {rotation.endOld}
        </Button>
      </div>
      {test.isError && <p role="alert">{testRefusal(test.error)}</p>}
      {test.data && (
        <Verdict
          verdict={`${test.data.attempt.error ? rotation.notYet : rotation.known} ${test.data.verdict}`}
          attempt={test.data.attempt}
        />
      )}
      <Confirm
        danger={!isKnown}
        open={isEnding}
        title={rotation.endOldTitle}
        text={rotation.endOldText}
        action={rotation.endOld}
        onClose={() => setIsEnding(false)}
        onConfirm={end}
      />
    </div>
  );
}
