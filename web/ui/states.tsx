import { CircleAlert, Inbox, Lock, RotateCw, type LucideIcon } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { ApiProblem } from '../api/client.ts';
import { words } from '../words/index.ts';
import { Button } from './button.tsx';
import styles from './states.module.css';

function Panel(props: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  role?: 'alert';
}) {
  const { icon: Icon, title, children, action, role } = props;
  return (
    <div className={styles.panel} role={role}>
      <span className={styles.icon}>
        <Icon size={22} strokeWidth={1.75} aria-hidden />
      </span>
      <h2>{title}</h2>
      {children && <div className={styles.text}>{children}</div>}
      {action}
    </div>
  );
}

export function Empty(props: { title: string; children?: ReactNode; action?: ReactNode; icon?: LucideIcon }) {
  return <Panel icon={Inbox} {...props} />;
}

/** Shown when it takes long enough to be noticed: a flash of grey tells nobody anything. */
export function Loading({ rows = 5 }: { rows?: number }) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div className={styles.waiting} aria-busy="true" />;
  return (
    <div className={styles.waiting} aria-busy="true">
      <p className="sr-only">{words.common.loading}</p>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.skeleton} />
      ))}
    </div>
  );
}

export const Forbidden = ({ children }: { children: ReactNode }) => (
  <Panel icon={Lock} title={words.errors.forbidden}>
    {children}
  </Panel>
);

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = error instanceof ApiProblem ? error : null;
  if (problem?.status === 403) return <Forbidden>{problem.message}</Forbidden>;
  return (
    <Panel
      role="alert"
      icon={CircleAlert}
      title={problem?.status === 404 ? words.errors.notFound : words.errors.failed}
      action={
        onRetry && (
          <Button onClick={onRetry}>
            <RotateCw size={15} aria-hidden />
            {words.common.tryAgain}
          </Button>
        )
      }
    >
      {(error as Error).message}
    </Panel>
  );
}

/** One line: what was there stays, and this says that it may be old. */
export function Stale({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <p className={styles.stale} role="status">
      <CircleAlert size={15} aria-hidden />
      <span>{words.errors.stale((error as Error).message)}</span>
      <Button small look="quiet" onClick={onRetry}>
        {words.common.tryAgain}
      </Button>
    </p>
  );
}
