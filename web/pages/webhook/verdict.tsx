import { CircleCheck, CircleX } from 'lucide-react';
import type { Attempt } from '../../api/client.ts';
import { Timing } from '../../ui/timing.tsx';
import styles from './verdict.module.css';

/** What came of an attempt, in a sentence, and where its time went. */
export function Verdict(props: {
  verdict: string;
  attempt?: Attempt | null;
  /** Where another answer than 2xx is what is wanted. */
  isGood?: boolean;
}) {
  const { verdict, attempt, isGood = attempt?.error === null } = props;
  const Icon = isGood ? CircleCheck : CircleX;
  return (
    <div className={`${styles.verdict} ${isGood ? styles.good : styles.bad}`} role="status">
      <p>
        <Icon size={16} aria-hidden />
        <span>{verdict}</span>
      </p>
      {attempt && <Timing timing={attempt.timing} />}
    </div>
  );
}
