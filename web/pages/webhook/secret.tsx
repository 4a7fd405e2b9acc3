import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { profilesQuery } from '../../api/queries.ts';
import { useTenant } from '../../shell/signed-in.tsx';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { Copyable, ShownOnce } from '../../ui/shown-once.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';
import { forgetSecret, freshSecret, type FreshSecret } from './fresh-secret.ts';
import { Received } from './received.tsx';
import { Rotation } from './rotation.tsx';
import { lastRotationQuery } from './rotations.ts';
import { Snippets } from './snippets.tsx';

export function SecretPage() {
  const endpoint = useEndpoint();
  const profile = useQuery(profilesQuery).data?.find(({ name }) => name === endpoint.profile);
  const [fresh, setFresh] = useState(() => freshSecret(endpoint.id));
  const isReplaced = useIsReplaced(fresh);
  useUnsaved(fresh !== null, { outlivesLinks: true });
  const { secret } = words.webhook;
  const stored = () => {
    forgetSecret(endpoint.id);
    setFresh(null);
  };
  return (
    <div className={layout.stack}>
      {fresh !== null && (
        <ShownOnce
          title={secret.once}
          text={secret.onceText}
          warning={isReplaced ? secret.replaced : undefined}
          name={secret.title}
          secret={fresh.secret}
        >
          <ButtonLink look="primary" to="/webhooks/$id/test" params={{ id: endpoint.id }}>
            {secret.sendTest}
          </ButtonLink>
          <Button onClick={stored}>{secret.stored}</Button>
        </ShownOnce>
      )}
      <Rotation onRotated={setFresh} />
      {endpoint.public_key && (
        <Card title={secret.publicKey} text={secret.publicKeyText}>
          <Copyable text={endpoint.public_key} name={secret.publicKey} />
        </Card>
      )}
      {profile && endpoint.signed && (
        <>
          <Snippets profile={profile} signature={endpoint.signature} />
          {/* It works out HMAC only. */}
          {endpoint.signature !== 'ed25519' && <Received profile={profile} fresh={fresh?.secret ?? null} />}
        </>
      )}
    </div>
  );
}

/** Another tab, or somebody else, has rotated it since. */
function useIsReplaced(fresh: FreshSecret | null): boolean {
  const { id, updated_at: updatedAt } = useEndpoint();
  const last = useQuery({ ...lastRotationQuery(useTenant(), id, updatedAt), enabled: fresh !== null }).data;
  return fresh?.madeBy !== undefined && last !== undefined && last !== fresh.madeBy;
}
