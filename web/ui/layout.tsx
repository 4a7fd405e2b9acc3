import type { ReactNode } from 'react';
import styles from './layout.module.css';

/** Title of a page, with what can be done there. */
export function PageHead({
  title,
  above,
  children,
  text,
}: {
  title: ReactNode;
  above?: ReactNode;
  children?: ReactNode;
  text?: ReactNode;
}) {
  return (
    <header className={styles.head}>
      <div className={styles.titles}>
        {above}
        <h1>{title}</h1>
        {text && <div className={styles.text}>{text}</div>}
      </div>
      {children && <div className={styles.actions}>{children}</div>}
    </header>
  );
}

export function Card(props: {
  title?: ReactNode;
  text?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  flush?: boolean;
  id?: string;
}) {
  const { title, text, actions, children, flush, id } = props;
  return (
    <section className={styles.card} id={id}>
      {(title || actions) && (
        <header className={styles.cardHead}>
          <div>
            {title && <h2>{title}</h2>}
            {text && <p className={styles.text}>{text}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      {children && <div className={flush ? styles.flush : styles.body}>{children}</div>}
    </section>
  );
}

/** Names and values. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A table that scrolls sideways where it has to, never the page. */
export function Table({ head, children, label }: { head: ReactNode; children: ReactNode; label: string }) {
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
export const layout = styles;
