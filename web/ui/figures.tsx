import type { ReactNode } from 'react';
import styles from './figures.module.css';

export interface Figure {
  name: string;
  value: string;
  /** Beside it, smaller. */
  more?: string;
  /** Below it: what it means. */
  note?: ReactNode;
  tone?: 'bad' | 'warn';
}

/** Numbers to be read from afar. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={styles.figures}>
      {figures.map(({ name, value, more, note, tone }) => (
        <div key={name} className={styles.figure}>
          <dt>{name}</dt>
          <dd>
            <span className={tone && styles[tone]}>{value}</span> {more && <small>{more}</small>}
            {note && <p>{note}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
