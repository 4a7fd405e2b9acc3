import { useQuery } from '@tanstack/react-query';
import { useLocation, useSearch } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { useSession } from '../session.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { words } from '../words/index.ts';
import { isForOperators } from './nav.ts';
import { SignIn } from './sign-in.tsx';
import { SignedInContext } from './signed-in.tsx';
import { Shell } from './shell.tsx';
import { TenantPicker } from './tenant-picker.tsx';

export function Root() {
  const session = useSession();
  return session ? <Admitted credential={session.credential} /> : <SignIn />;
}

function Admitted({ credential }: { credential: string }) {
  const me = useQuery(meQuery(credential));
  const path = useLocation({ select: ({ pathname }) => pathname });
  const chosen = useSearch({ from: '__root__' }).tenant;
  if (me.isPending) return <Loading />;
  if (me.isError) return <Failed error={me.error} onRetry={() => void me.refetch()} />;
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
