import { useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { api, ask } from '../../api/client.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Check, Choice, TextField } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';
import { keepFreshSecret, type FreshSecret } from './fresh-secret.ts';
import { InGrace } from './in-grace.tsx';
import { lastRotation } from './rotations.ts';

const GRACES = [
  { value: '86400', name: 'day' },
  { value: '3600', name: 'hour' },
  { value: '604800', name: 'week' },
  { value: '0', name: 'none' },
] as const;

export function Rotation({ onRotated }: { onRotated: (fresh: FreshSecret) => void }) {
  const endpoint = useEndpoint();
  const tenant = useTenant();
  const queries = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const [grace, setGrace] = useState<(typeof GRACES)[number]['value']>('86400');
  const [own, setOwn] = useState('');
  const [oldFirst, setOldFirst] = useState(false);
  useUnsaved(own !== '');
  const { rotation } = words.webhook;
  const params = { path: { tenant, id: endpoint.id } };

  const show = (fresh: FreshSecret) => {
    keepFreshSecret(endpoint.id, fresh);
    onRotated(fresh);
  };
  const rotate = async () => {
    const answer = await ask(
      api.POST('/v1/tenants/{tenant}/endpoints/{id}/secret/rotate', {
        params,
        body: {
          grace_seconds: Number(grace),
          ...(own && { secret: own }),
          ...(oldFirst && grace !== '0' && { primary: 'previous' }),
        },
      }),
    );
    if (answer.secret) {
      // At once, whatever becomes of the next request: nobody can show it again.
      show({ secret: answer.secret, madeBy: undefined });
      const madeBy = await lastRotation(tenant, endpoint.id).catch(() => undefined);
      show({ secret: answer.secret, madeBy });
    }
    setOwn('');
    await queries.invalidateQueries({ queryKey: [tenant, 'endpoints'] });
  };
  return (
    <Card
      title={rotation.title}
      text={rotation.text}
      actions={
        <Button onClick={() => setIsAsked(true)}>
          <RefreshCw size={15} aria-hidden />
          {rotation.action}
        </Button>
      }
    >
      <InGrace />
      <Confirm
        open={isAsked}
        title={rotation.ask}
        action={rotation.action}
        danger={grace === '0'}
        onClose={() => setIsAsked(false)}
        onConfirm={rotate}
        text={
          <div className={layout.stack}>
            <Choice
              label={rotation.grace}
              hint={grace === '0' ? rotation.leaked : rotation.graceHint}
              value={grace}
              options={GRACES.map(({ value, name }) => ({ value, label: rotation.graces[name] }))}
              onChange={setGrace}
            />
            <TextField
              mono
              type="password"
              autoComplete="new-password"
              label={rotation.own}
              hint={rotation.ownHint}
              value={own}
              onChange={setOwn}
            />
            {grace !== '0' && (
              <Check
                label={rotation.oldFirst}
                hint={rotation.oldFirstHint}
                checked={oldFirst}
                onChange={setOldFirst}
              />
            )}
          </div>
        }
      />
    </Card>
  );
}
