import { KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { words } from '../words/index.ts';
import { Copy } from './copy.tsx';
import { layout } from './layout.tsx';
import styles from './shown-once.module.css';

/** A secret that nobody can show again. */
export function ShownOnce(props: {
  title: string;
  text: string;
  /** Why it may be of no use any more. */
  warning?: string | undefined;
  /** What it is, for the button that copies it. */
  name: string;
  secret: string;
  /** What comes next. */
  children: ReactNode;
}) {
  const { title, text, warning, name, secret, children } = props;
  return (
    <section className={styles.fresh} aria-label={title}>
      <h2 className={layout.row}>
        <KeyRound size={17} aria-hidden />
        {title}
      </h2>
      <p>{text}</p>
      {warning !== undefined && (
        <p role="alert">
          <strong>{warning}</strong>
        </p>
      )}
      <Copyable text={secret} name={name} />
      <div className={layout.row}>{children}</div>
    </section>
  );
}

/** In one line, with a button that copies it. */
export function Copyable({ text, name }: { text: string; name: string }) {
  return (
    <div className={styles.secret}>
      <code data-testid="secret">{text}</code>
      <Copy withWord text={text} label={words.common.copyOf(name)} />
    </div>
  );
}
