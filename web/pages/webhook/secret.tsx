import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { profilesQuery } from '../../api/queries.ts';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { useEndpoint } from './endpoint.ts';
import { forgetSecret, freshSecret } from './fresh-secret.ts';
import { Received } from './received.tsx';
import { Rotation } from './rotation.tsx';
import { Snippets } from './snippets.tsx';
import styles from './webhook.module.css';

export function SecretPage() {
  const endpoint = useEndpoint();
  const profile = useQuery(profilesQuery).data?.find(({ name }) => name === endpoint.profile);
  const [fresh, setFresh] = useState(() => freshSecret(endpoint.id));
  const { secret } = words.webhook;
  const stored = () => {
    forgetSecret(endpoint.id);
    setFresh(null);
  };
  return (
    <div className={layout.stack}>
      {fresh !== null && (
        <section className={styles.fresh} aria-label={secret.once}>
          <h2 className={layout.row}>
            <KeyRound size={17} aria-hidden />
            {secret.once}
          </h2>
          <p>{secret.onceText}</p>
          <div className={styles.secret}>
            <code data-testid="secret">{fresh}</code>
            <Copy withWord text={fresh} label={words.common.copyOf(secret.title)} />
          </div>
          <div className={layout.row}>
            <ButtonLink look="primary" to="/webhooks/$id/test" params={{ id: endpoint.id }}>
              {secret.sendTest}
            </ButtonLink>
            <Button onClick={stored}>{secret.stored}</Button>
          </div>
        </section>
      )}
      <Rotation onRotated={setFresh} />
      {endpoint.public_key && (
        <Card title={secret.publicKey} text={secret.publicKeyText}>
          <div className={styles.secret}>
            <code>{endpoint.public_key}</code>
            <Copy withWord text={endpoint.public_key} label={words.common.copyOf(secret.publicKey)} />
          </div>
        </Card>
      )}
      {profile && endpoint.signed && (
        <>
          <Snippets profile={profile} />
          <Received profile={profile} fresh={fresh} />
        </>
      )}
    </div>
  );
}
