import { useMutation, useQuery } from '@tanstack/react-query';
import { ShieldQuestion } from 'lucide-react';
import { api, ask } from '../../api/client.ts';
import { profilesQuery } from '../../api/queries.ts';
import { useMayChange, useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';
import { testRefusal } from './test-refusal.ts';
import { Verdict } from './verdict.tsx';

type Flaw = 'signature' | 'timestamp';

/** Sends what the receiver must turn away: a test that is green when it says no. */
export function Refusal() {
  const endpoint = useEndpoint();
  const tenant = useTenant();
  const mayChange = useMayChange();
  const profile = useQuery(profilesQuery).data?.find(({ name }) => name === endpoint.profile);
  const send = useMutation({
    mutationFn: (flaw: Flaw) =>
      ask(
        api.POST('/v1/tenants/{tenant}/endpoints/{id}/secret/test', {
          params: { path: { tenant, id: endpoint.id } },
          body: { flaw },
        }),
      ),
  });
  const { refusal } = words.webhook;
  if (!mayChange) return null;
  const signsTime = profile && !['hex-body', 'base64-body'].includes(profile.signature.scheme);
  const flaws: Flaw[] = signsTime ? ['signature', 'timestamp'] : ['signature'];
  const refused = send.data?.refused ?? null;
  return (
    <Card title={refusal.title} text={endpoint.signed ? refusal.text : refusal.unsigned}>
      {endpoint.signed && (
        <div className={layout.row}>
          {flaws.map((flaw) => (
            <Button
              key={flaw}
              busy={send.isPending && send.variables === flaw}
              disabled={send.isPending}
              onClick={() => send.mutate(flaw)}
            >
              <ShieldQuestion size={15} aria-hidden />
              {refusal.flaws[flaw]}
            </Button>
          ))}
        </div>
      )}
      {send.isError && <p role="alert">{testRefusal(send.error)}</p>}
      {send.data && (
        <Verdict
          isGood={refused === true}
          verdict={
            refused === null
              ? `${refusal.failed} ${send.data.verdict}`
              : refused
                ? refusal.refused
                : refusal.accepted[send.variables]
          }
          attempt={send.data.attempt}
        />
      )}
    </Card>
  );
}
