import { words } from '../words/index.ts';
import styles from './sparkline.module.css';

const WIDTH = 96;
const HEIGHT = 24;

/** A bar an hour: what was delivered below, what failed above it. */
export function Sparkline({ attempts, failed }: { attempts: readonly number[]; failed: readonly number[] }) {
  const most = Math.max(1, ...attempts);
  const step = WIDTH / Math.max(1, attempts.length);
  const total = attempts.reduce((sum, count) => sum + count, 0);
  const lost = failed.reduce((sum, count) => sum + count, 0);
  return (
    <svg
      className={styles.chart}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={words.webhooks.sparkline(total, lost)}
    >
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={styles.base} />
      {attempts.map((count, hour) => {
        if (count === 0) return null;
        const high = Math.max(2, (count / most) * (HEIGHT - 2));
        const bad = Math.min(high, ((failed[hour] ?? 0) / count) * high);
        const x = hour * step + 0.5;
        return (
          <g key={hour}>
            <rect
              x={x}
              width={step - 1}
              y={HEIGHT - high}
              height={high - bad}
              className={styles.good}
              transform={`translate(0 ${bad})`}
            />
            {bad > 0 && <rect x={x} width={step - 1} y={HEIGHT - high} height={bad} className={styles.bad} />}
          </g>
        );
      })}
    </svg>
  );
}
