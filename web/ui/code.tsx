import { Copy } from './copy.tsx';
import { words } from '../words/index.ts';
import styles from './code.module.css';

/** Text as it is, with a way to copy it. */
export function Code({ text, label, tall }: { text: string; label: string; tall?: boolean }) {
  return (
    <div className={styles.frame}>
      <pre
        className={`${styles.code} ${tall ? styles.tall : ''}`}
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <code>{text}</code>
      </pre>
      <div className={styles.copy}>
        <Copy text={text} label={words.common.copyOf(label)} />
      </div>
    </div>
  );
}
export const code = styles;
