import type { Attempt } from '../api/client.ts';
import { milliseconds } from '../format.ts';
import { words } from '../words/index.ts';
import styles from './timing.module.css';

const PARTS = ['dns_ms', 'connect_ms', 'tls_ms', 'first_byte_ms'] as const;

/** Where the time of an attempt went: a bar for the eye, a list for everybody. */
export function Timing({ timing }: { timing: Attempt['timing'] }) {
  const parts = PARTS.flatMap((part) => (timing[part] === null ? [] : [{ part, ms: timing[part] }]));
  const rest = Math.max(0, timing.total_ms - parts.reduce((sum, { ms }) => sum + ms, 0));
  const all = [...parts, { part: 'rest' as const, ms: rest }];
  const share = (ms: number) => `${timing.total_ms === 0 ? 0 : (ms / timing.total_ms) * 100}%`;
  return (
    <div className={styles.timing}>
      <div className={styles.bar} aria-hidden>
        {all.map(({ part, ms }) => (
          <span key={part} className={styles[part]} style={{ width: share(ms) }} />
        ))}
      </div>
      <dl className={styles.list}>
        {all.map(({ part, ms }) => (
          <div key={part}>
            <dt>
              <i className={styles[part]} aria-hidden />
              {words.timing[part]}
            </dt>
            <dd>{milliseconds(ms)}</dd>
          </div>
        ))}
        <div>
          <dt>{words.timing.total}</dt>
          <dd>
            <b>{milliseconds(timing.total_ms)}</b>
          </dd>
        </div>
      </dl>
    </div>
  );
}
