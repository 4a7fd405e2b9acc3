import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { meQuery } from '../api/queries.ts';
import type { Me } from '../api/types.ts';
import { isEmbedded, useSession, useWasRefused } from '../session.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { loadAgain } from '../unsaved.ts';
import { words } from '../words/index.ts';
import { isForOperators } from './nav.ts';
import { SignIn } from './sign-in.tsx';
import { SignedInContext } from './signed-in.tsx';
import { Shell } from './shell.tsx';
import { TenantPicker } from './tenant-picker.tsx';

/** When a session ends, what was typed stays behind the sign-in, out of sight, for whoever comes back. */
export function Root() {
  const session = useSession();
  const hasEnded = useWasRefused();
  const [last, setLast] = useState(session);
  if (session && session !== last) setLast(session);
  const shown = session ?? (hasEnded ? last : null);
  return (
    <>
      {!session && <SignIn />}
      {shown && (
        <div hidden={!session}>
          <Admitted credential={shown.credential} />
        </div>
      )}
    </>
  );
}

const standingOf = ({ tenant_id: tenant, scopes }: Me): string => JSON.stringify([tenant, scopes.toSorted()]);

/** With a fresh token, or a key after one that has ended, the page stays: until it is known to be somebody else's. */
function useMe(credential: string) {
  const queries = useQueryClient();
  const me = useQuery(meQuery(credential));
  const [known, setKnown] = useState(me.data);
  const isOther = known !== undefined && me.data !== undefined && standingOf(known) !== standingOf(me.data);
  if (me.data && known !== me.data && !isOther) setKnown(me.data);
  useEffect(() => {
    if (!isOther) {
      // What was refused meanwhile is asked again; what is shown stays where it is.
      void queries.invalidateQueries({ predicate: ({ state }) => state.status === 'error' });
      return;
    }
    // Nothing of what one saw is left for the other.
    if (!isEmbedded) return loadAgain();
    queries.clear();
    setKnown(undefined);
  }, [queries, credential, isOther]);
  return { ...me, data: isOther ? undefined : (me.data ?? known) };
}

function Admitted({ credential }: { credential: string }) {
  const me = useMe(credential);
  const path = useLocation({ select: ({ pathname }) => pathname });
  const chosen = useSearch({ from: '__root__' }).tenant;
  if (!me.data) return me.error ? <Failed error={me.error} onRetry={() => void me.refetch()} /> : <Loading />;
  const tenant = me.data.tenant_id ?? chosen;
  const needsNoTenant = isForOperators(path) && me.data.scopes.includes('admin');
  if (!me.data.scopes.some((scope) => scope !== 'publish')) return <SignIn problem={words.signIn.noRead} />;
  if (tenant === undefined && !needsNoTenant)
    return <TenantPicker isAdmin={me.data.scopes.includes('admin')} />;
  return (
    <SignedInContext value={{ me: me.data, tenant: tenant ?? null }}>
      <Shell />
    </SignedInContext>
  );
}
