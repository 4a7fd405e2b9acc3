import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Activity } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { tenantsQuery } from '../api/queries.ts';
import { signOut } from '../session.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { words } from '../words/index.ts';
import { Logo } from './logo.tsx';
import { visible } from '../ui/visible.ts';
import styles from './sign-in.module.css';

const TENANT_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

export function TenantPicker({ isAdmin }: { isAdmin: boolean }) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <Logo size={40} />
        <h1>{words.tenants.choose}</h1>
        <p className={styles.text}>{words.tenants.text}</p>
        <TenantSearch />
        <div className={styles.foot}>
          {isAdmin && (
            <ButtonLink look="quiet" small to="/ops">
              <Activity size={14} aria-hidden />
              {words.tenants.operations}
            </ButtonLink>
          )}
          <Button look="quiet" small onClick={signOut}>
            {words.signIn.signOut}
          </Button>
        </div>
      </div>
    </main>
  );
}

export function TenantSearch({ onChosen }: { onChosen?: () => void }) {
  const [search, setSearch] = useState('');
  const tenants = useInfiniteQuery(tenantsQuery(useDeferredValue(search.trim())));
  const navigate = useNavigate();
  const choose = (tenant: string) => {
    onChosen?.();
    void navigate({ to: '/webhooks', search: { tenant } });
  };
  const found = tenants.data?.pages.flatMap((page) => page.data) ?? [];
  const wanted = search.trim();
  const isNew = TENANT_ID.test(wanted) && !found.some(({ id }) => id === wanted);
  return (
    <>
      <TextField label={words.tenants.search} type="search" autoFocus value={search} onChange={setSearch} />
      {tenants.isPending && <Loading rows={3} />}
      {tenants.isError && <Failed error={tenants.error} onRetry={() => void tenants.refetch()} />}
      {tenants.isSuccess && found.length === 0 && (
        <p className={styles.text}>{wanted === '' ? words.tenants.none : words.tenants.noMatch(wanted)}</p>
      )}
      {found.length > 0 && (
        <ul className={styles.list}>
          {found.map(({ id, name }) => (
            <li key={id}>
              <button type="button" className={styles.tenant} onClick={() => choose(id)}>
                <b>{visible(name ?? id)}</b>
                {name && <span>{id}</span>}
              </button>
            </li>
          ))}
          {tenants.hasNextPage && (
            <li>
              <Button small onClick={() => void tenants.fetchNextPage()}>
                {words.common.more}
              </Button>
            </li>
          )}
        </ul>
      )}
      {isNew && <Button onClick={() => choose(wanted)}>{words.tenants.use(wanted)}</Button>}
    </>
  );
}
