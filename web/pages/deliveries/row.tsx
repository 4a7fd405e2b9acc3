import { Link } from '@tanstack/react-router';
import type { Delivery } from '../../api/client.ts';
import type { DeliverySearch } from '../../search.ts';
import { milliseconds } from '../../format.ts';
import { Status } from '../../ui/status.tsx';
import { At, Relative } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import { drawerEntry } from './use-open.ts';
import styles from './table.module.css';

interface Props {
  index: number;
  row: Delivery;
  name: string | undefined;
  isGone: boolean;
  isOpen: boolean;
  /** This one or another is open in the drawer. */
  hasDrawer: boolean;
  isSelected: boolean;
  onSelect: () => void;
}

export const answerOf = (row: Pick<Delivery, 'last_status_code' | 'last_error_class'>): string => {
  if (row.last_status_code !== null) return String(row.last_status_code);
  return row.last_error_class ? words.errorClass[row.last_error_class] : '–';
};

/** A webhook of which only this is known: there are too many of them, or it is deleted. */
export const Unnamed = ({ id }: { id: string }) => <code>{id.slice(0, 12)}…</code>;

export function Row({ index, row, name, isGone, isOpen, hasDrawer, isSelected, onSelect }: Props) {
  const looks = [styles.row, isGone && styles.gone, isOpen && styles.open].filter(Boolean).join(' ');
  const { deliveries } = words;
  return (
    <tr className={looks} data-key={row.id} aria-rowindex={index + 2} aria-current={isOpen || undefined}>
      <td>
        <input
          type="checkbox"
          checked={isSelected}
          onChange={onSelect}
          aria-label={deliveries.select(row.event_type)}
        />
      </td>
      <td className={styles.when}>
        <Link
          to="/deliveries"
          search={(before: DeliverySearch & { tenant?: string }) => ({
            ...before,
            open: row.id,
            n: undefined,
          })}
          {...drawerEntry(hasDrawer)}
          data-first
          className={styles.first}
        >
          <At time={row.created_at} />
          <span className="sr-only"> {deliveries.openOf(row.event_type, words.status[row.status])}</span>
        </Link>
      </td>
      <td className={styles.state}>
        <Status status={row.status} />
      </td>
      <td className={styles.event}>
        <code>{row.event_type}</code>
        {row.trigger !== 'schedule' && <small>{words.trigger[row.trigger]}</small>}
      </td>
      <td className={styles.webhook}>{name ?? <Unnamed id={row.endpoint_id} />}</td>
      <td className={styles.minor}>
        {row.max_attempts === null || row.attempt_count > row.max_attempts
          ? String(row.attempt_count)
          : deliveries.nOfM(row.attempt_count, row.max_attempts)}
      </td>
      <td className={`${styles.answer} ${row.last_error_class ? styles.bad : ''}`}>{answerOf(row)}</td>
      <td className={styles.minor}>{milliseconds(row.last_attempt?.duration_ms ?? null)}</td>
      <td className={styles.minor}>
        {row.status === 'retrying' && row.next_attempt_at ? <Relative time={row.next_attempt_at} /> : '–'}
      </td>
    </tr>
  );
}
