import { Check, CircleDashed, Inbox, X } from 'lucide-react';
import type { Attempt, DeliveryWithAttempts } from '../../api/client.ts';
import { milliseconds, seconds } from '../../format.ts';
import { At, Relative } from '../../ui/time.tsx';
import { words } from '../../words/index.ts';
import styles from './drawer.module.css';

interface Props {
  delivery: DeliveryWithAttempts;
  chosen?: number;
  onChoose: (number: number) => void;
}

/** From acceptance to what comes next; what has not happened yet is dashed. */
export function Lifecycle({ delivery, chosen, onChoose }: Props) {
  const { attempts, next_attempt_at: next, status } = delivery;
  const isComing = status === 'pending' || status === 'held' || (status === 'retrying' && next !== null);
  const { drawer } = words;
  return (
    <ol className={styles.story}>
      <li className={styles.step}>
        <span className={styles.mark}>
          <Inbox size={11} aria-hidden />
        </span>
        <div className={styles.stepText}>
          {drawer.accepted} <At time={delivery.created_at} />
        </div>
      </li>
      {attempts.map((attempt, index) => (
        <Step
          key={attempt.number}
          attempt={attempt}
          waitedMs={index === 0 ? null : waitedMs(attempts[index - 1]!, attempt)}
          isChosen={attempt.number === chosen}
          onChoose={() => onChoose(attempt.number)}
        />
      ))}
      {isComing && (
        <li className={`${styles.step} ${styles.coming}`}>
          <span className={styles.mark} />
          <div className={styles.stepText}>
            {status === 'held'
              ? drawer.held
              : next === null
                ? drawer.comingSoon
                : drawer.next(attempts.length + 1)}{' '}
            {status === 'retrying' && next && <Relative time={next} />}
          </div>
        </li>
      )}
      {status === 'cancelled' && (
        <li className={styles.step}>
          <span className={styles.mark}>
            <CircleDashed size={11} aria-hidden />
          </span>
          <div className={styles.stepText}>{drawer.wasCancelled}</div>
        </li>
      )}
    </ol>
  );
}

const waitedMs = (before: Attempt, after: Attempt): number =>
  new Date(after.started_at).getTime() - new Date(before.started_at).getTime() - before.duration_ms;

function Step(props: { attempt: Attempt; waitedMs: number | null; isChosen: boolean; onChoose: () => void }) {
  const { attempt, waitedMs: waited, isChosen, onChoose } = props;
  const isGood = attempt.error === null;
  const Icon = isGood ? Check : X;
  const { drawer } = words;
  const answer =
    attempt.status_code === null
      ? words.errorClass[attempt.error?.class ?? 'http']
      : String(attempt.status_code);
  return (
    <li className={styles.step}>
      <span className={`${styles.mark} ${isGood ? styles.good : styles.bad}`}>
        <Icon size={11} strokeWidth={3} aria-hidden />
      </span>
      <button
        type="button"
        className={`${styles.stepText} ${isChosen ? styles.chosen : ''}`}
        aria-pressed={isChosen}
        onClick={onChoose}
      >
        <b>{drawer.attempt(attempt.number)}</b> · {answer} · {milliseconds(attempt.duration_ms)} ·{' '}
        <At time={attempt.started_at} />
        {attempt.trigger !== 'schedule' && ` · ${words.trigger[attempt.trigger]}`}
        {waited !== null && waited > 1000 && <small>{drawer.after(seconds(waited / 1000))}</small>}
      </button>
    </li>
  );
}
