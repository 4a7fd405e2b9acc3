import { ChevronRight } from 'lucide-react';
import { shortTime } from '../../format.ts';
import { Status } from '../../ui/status.tsx';
import { words } from '../../words/index.ts';
import type { Item } from './fold.ts';
import { answerOf, Unnamed } from './row.tsx';
import rows from './table.module.css';
import styles from './run.module.css';

/** Many equal failures in a row, as one. */
export function Run(props: {
  index: number;
  run: Extract<Item, { kind: 'run' }>;
  name?: string;
  onToggle: () => void;
}) {
  const { index, run, name, onToggle } = props;
  const [newest, oldest] = [run.rows[0]!, run.rows.at(-1)!];
  const text = words.deliveries.run(
    answerOf(newest),
    run.rows.length,
    shortTime(oldest.created_at),
    shortTime(newest.created_at),
  );
  return (
    <tr className={`${rows.row} ${styles.run}`} data-key={`run ${run.id}`} aria-rowindex={index + 2}>
      <td />
      <td colSpan={8}>
        <button
          type="button"
          data-first
          className={styles.fold}
          aria-expanded={run.isOpen}
          onClick={onToggle}
        >
          <ChevronRight size={15} aria-hidden className={run.isOpen ? styles.turned : ''} />
          <span className={styles.state}>
            <Status status={newest.status} />
          </span>
          <b>{text}</b>
          <span className={styles.webhook}>{name ?? <Unnamed id={newest.endpoint_id} />}</span>
        </button>
      </td>
    </tr>
  );
}
