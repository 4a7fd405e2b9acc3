import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { ChevronsUpDown } from 'lucide-react';
import { useState } from 'react';
import { isEmbedded, useSession } from '../session.ts';
import { useActiveInView } from '../ui/active-in-view.ts';
import { Announcer } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { LeaveQuestion } from '../ui/leave-question.tsx';
import { Forbidden } from '../ui/states.tsx';
import { pageHolder } from '../unsaved.ts';
import { words } from '../words/index.ts';
import { useFocusKept } from './focus-kept.ts';
import { Keyboard } from './keyboard.tsx';
import { Logo } from './logo.tsx';
import { isForChanges, NAV, OPERATORS_NAV, type NavEntry } from './nav.ts';
import { Preferences } from './preferences.tsx';
import { useIsAdmin, useMayChange, useSignedIn } from './signed-in.tsx';
import styles from './shell.module.css';
import { SignOut } from './sign-out.tsx';
import { TenantSearch } from './tenant-picker.tsx';

export function Shell() {
  const isAdmin = useIsAdmin();
  const session = useSession();
  const nav = useActiveInView();
  useFocusKept();
  return (
    <div className={isEmbedded ? styles.embedded : styles.shell}>
      <a href="#content" className={styles.skip}>
        {words.common.skip}
      </a>
      <header className={styles.side}>
        {!isEmbedded && (
          <div className={styles.brand}>
            <Logo size={26} />
            <b>{words.common.product}</b>
          </div>
        )}
        <Tenant />
        <nav ref={nav} aria-label={words.nav.label} className={styles.nav}>
          <Links entries={NAV} />
          {isAdmin && !isEmbedded && (
            <>
              <p className={styles.group} id="deployment">
                {words.nav.deployment}
              </p>
              <Links entries={OPERATORS_NAV} labelledBy="deployment" />
            </>
          )}
        </nav>
        {!isEmbedded && (
          <div className={styles.foot}>
            <Preferences />
            <Keyboard />
            {session?.kind === 'key' && <SignOut />}
          </div>
        )}
      </header>
      <main id="content" className={styles.main} tabIndex={-1}>
        <Page />
      </main>
      {isEmbedded && <Keyboard hideButton />}
      <LeaveQuestion holder={pageHolder} />
      <Announcer />
    </div>
  );
}

/** What may not be done is not offered, whichever address was opened. */
function Page() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  return !useMayChange() && isForChanges(path) ? <Forbidden>{words.errors.readOnly}</Forbidden> : <Outlet />;
}

function Links({ entries, labelledBy }: { entries: readonly NavEntry[]; labelledBy?: string }) {
  return (
    <ul aria-labelledby={labelledBy}>
      {entries.map(({ to, word, icon: Icon }) => (
        <li key={to}>
          <Link
            to={to}
            className={styles.link}
            activeProps={{ className: `${styles.link} ${styles.active}` }}
          >
            <Icon size={16} aria-hidden />
            {words.nav[word]}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Tenant() {
  const { me, tenant } = useSignedIn();
  const [isOpen, setIsOpen] = useState(false);
  if (isEmbedded) return null;
  if (me.tenant_id !== null) return <p className={styles.tenant}>{tenant}</p>;
  return (
    <>
      <button type="button" className={styles.tenant} onClick={() => setIsOpen(true)}>
        <span className="sr-only">{words.tenants.change}: </span>
        <span className={styles.tenantName}>{tenant ?? words.tenants.pick}</span>
        <ChevronsUpDown size={14} aria-hidden />
      </button>
      <Dialog open={isOpen} title={words.tenants.choose} onClose={() => setIsOpen(false)}>
        <TenantSearch onChosen={() => setIsOpen(false)} />
      </Dialog>
    </>
  );
}
