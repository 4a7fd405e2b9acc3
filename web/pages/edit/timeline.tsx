import { seconds } from '../../format.ts';
import { words } from '../../words/index.ts';
import styles from './timeline.module.css';

/** When attempts are made, on a line on which every step is seen: ten seconds and six hours alike. */
export function Timeline({ delays, jitter }: { delays: readonly number[]; jitter: number }) {
  const { timeline } = words.edit;
  const times = delays.reduce<number[]>(
    (all, delay) => [...all, all.at(-1)! + (Number.isFinite(delay) ? delay : 0)],
    [0],
  );
  const last = times.at(-1)!;
  const place = (at: number) => (last === 0 ? 0 : (Math.log1p(at) / Math.log1p(last)) * 100);
  const labelled = labelledOf(times.map(place));
  return (
    <figure className={styles.figure}>
      <figcaption>
        {delays.length === 0 ? timeline.once : timeline.summary(times.length, seconds(last), jitter)}
      </figcaption>
      <ol className={styles.line} aria-label={timeline.label}>
        {times.map((at, index) => (
          <li key={index} style={{ left: `${place(at)}%` }} title={timeline.attempt(index + 1, seconds(at))}>
            <span className={styles.dot} aria-hidden />
            <span className={labelled.has(index) ? styles.words : 'sr-only'}>
              {index === 0 ? words.time.now : seconds(at)}
            </span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

/** Those whose words have room beside the others. */
function labelledOf(places: number[]): Set<number> {
  const kept = new Set([places.length - 1]);
  let end = -Infinity;
  places.forEach((place, index) => {
    if (place - end < 12 || (index < places.length - 1 && places.at(-1)! - place < 12)) return;
    kept.add(index);
    end = place;
  });
  return kept;
}
