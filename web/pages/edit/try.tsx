import { useMutation } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { api, ask, type EndpointInput } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { words } from '../../words/index.ts';
import { Verdict } from '../webhook/verdict.tsx';

/** One attempt with what is typed, before anything is stored. */
export function Try({ input }: { input: EndpointInput }) {
  const tenant = useTenant();
  const attempt = useMutation({
    mutationFn: () =>
      ask(api.POST('/v1/tenants/{tenant}/endpoints/try', { params: { path: { tenant } }, body: input })),
  });
  return (
    <>
      <Button busy={attempt.isPending} disabled={input.url === ''} onClick={() => attempt.mutate()}>
        <PlugZap size={15} aria-hidden />
        {attempt.isPending ? words.edit.trying : words.edit.try}
      </Button>
      {attempt.isError && <p role="alert">{attempt.error.message}</p>}
      {attempt.data && <Verdict verdict={attempt.data.verdict} attempt={attempt.data.attempt} />}
    </>
  );
}
