import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.ts';
import { number } from '../../format.ts';
import { Card } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import styles from './webhook.module.css';

/** What it failed with, most frequent first. */
export function Failures({ total, endpointId }: { total: Schemas['AttemptSummary']; endpointId: string }) {
  const { charts } = words.webhook;
  const codes = Object.entries(total.status_codes).filter(([code]) => !code.startsWith('2'));
  const classes = Object.entries(total.error_classes).filter(
    ([name]) => name !== 'http' && name !== 'redirect',
  );
  const rows = [
    ...codes.map(([code, count]) => ({ name: `HTTP ${code}`, count })),
    ...classes.map(([name, count]) => ({
      name: words.errorClass[name as keyof typeof words.errorClass] ?? name,
      count,
    })),
  ].sort((a, b) => b.count - a.count);
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <Card
      title={charts.failures}
      actions={
        rows.length > 0 && (
          <Link to="/deliveries" search={{ endpoint: endpointId, status: ['failed', 'retrying'] }}>
            {charts.showFailed}
          </Link>
        )
      }
    >
      {rows.length === 0 ? (
        <p>{charts.noFailures}</p>
      ) : (
        <ul className={styles.bars}>
          {rows.map(({ name, count }) => (
            <li key={name} className={styles.bar}>
              <span>{name}</span>
              <span className={styles.track}>
                <span
                  className={styles.fill}
                  style={{ display: 'block', width: `${(count / most) * 100}%` }}
                />
              </span>
              <b>{number(count)}</b>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
