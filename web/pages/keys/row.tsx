import { useQueryClient } from '@tanstack/react-query';
import { Ban, Check, Clock } from 'lucide-react';
import { useState } from 'react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { since } from '../../format.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { layout } from '../../ui/layout.tsx';
import { Pill } from '../../ui/status.tsx';
import { Relative, useNowMs } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { EndFields, useEnding } from './ends.tsx';
import { KEYS } from './list.tsx';
import styles from './keys.module.css';

type ApiKey = Schemas['ApiKey'];

export function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { keys } = words;
  return (
    <tr>
      <td className={styles.name}>
        <b>{apiKey.name}</b>
        <code>{apiKey.prefix}…</code>
        <span className={layout.onlyNarrow}>
          {apiKey.scopes.map((scope) => keys.scopeNames[scope]).join(', ')}
          {apiKey.tenant_id && ` · ${apiKey.tenant_id}`}
        </span>
      </td>
      <td className={layout.minor}>
        <div className={styles.scopes}>
          {apiKey.scopes.map((scope) => (
            <Pill key={scope} tone={scope === 'admin' ? 'warn' : 'idle'}>
              {keys.scopeNames[scope]}
            </Pill>
          ))}
        </div>
      </td>
      <td className={layout.minor}>
        {apiKey.tenant_id ?? <span className={layout.quiet}>{keys.allTenants}</span>}
      </td>
      <td>
        <State apiKey={apiKey} />
      </td>
      <td className={`${layout.nowrap} ${layout.minor}`}>
        {apiKey.last_used_at ? (
          <Relative time={apiKey.last_used_at} />
        ) : (
          <span className={layout.quiet}>{keys.never}</span>
        )}
      </td>
      <td>{apiKey.revoked_at === null && <Actions apiKey={apiKey} />}</td>
    </tr>
  );
}

function State({ apiKey: { expires_at: end, revoked_at: revoked } }: { apiKey: ApiKey }) {
  const nowMs = useNowMs();
  const { keys } = words;
  if (revoked)
    return (
      <Pill tone="idle" icon={Ban}>
        {keys.revoked}
      </Pill>
    );
  if (end && Date.parse(end) <= nowMs)
    return (
      <Pill tone="idle" icon={Clock}>
        {keys.expired}
      </Pill>
    );
  return (
    <div className={styles.state}>
      <Pill tone="good" icon={Check}>
        {keys.valid}
      </Pill>
      {end && (
        <small>
          {keys.until} <time dateTime={end}>{since(end)}</time>
        </small>
      )}
    </div>
  );
}

/** Ending it later, so that another can take its place first; or now. */
function Actions({ apiKey: { id, name, expires_at: end } }: { apiKey: ApiKey }) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<'end' | 'revoke' | null>(null);
  const ending = useEnding('day');
  const { keys } = words;
  const path = { params: { path: { id } } };
  const done = async (said: string) => {
    await queries.invalidateQueries({ queryKey: KEYS });
    announce(said);
  };
  const change = async () => {
    const expiresAt = ending.expiresAt();
    if (expiresAt === undefined) throw new Error(keys.noTime);
    await ask(api.PATCH('/v1/keys/{id}', { ...path, body: { expires_at: expiresAt } }));
    await done(keys.changed(name));
  };
  const revoke = async () => {
    await ask(api.DELETE('/v1/keys/{id}', path));
    await done(keys.revokedNow(name));
  };
  return (
    <div className={styles.actions}>
      <Button small look="quiet" aria-label={keys.endOf(name)} onClick={() => setAsked('end')}>
        {keys.end}
      </Button>
      <Button small look="quiet" aria-label={keys.revokeOf(name)} onClick={() => setAsked('revoke')}>
        {keys.revoke}
      </Button>
      <Confirm
        open={asked === 'end'}
        title={keys.endTitle(name)}
        text={
          <div className={layout.stack}>
            <p>{keys.endText}</p>
            <EndFields
              ending={ending}
              options={[...(end ? (['never'] as const) : []), 'hour', 'day', 'week', 'own']}
            />
          </div>
        }
        action={keys.endAction}
        onClose={() => setAsked(null)}
        onConfirm={change}
      />
      <Confirm
        danger
        open={asked === 'revoke'}
        title={keys.revokeTitle(name)}
        text={keys.revokeText}
        action={keys.revoke}
        onClose={() => setAsked(null)}
        onConfirm={revoke}
      />
    </div>
  );
}
