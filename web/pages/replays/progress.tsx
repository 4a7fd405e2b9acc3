import { Ban, Check, Hourglass, Pause, Play } from 'lucide-react';
import type { Replay } from '../../api/client.ts';
import { Pill } from '../../ui/status.tsx';
import { words } from '../../words/index.ts';
import styles from './replays.module.css';

const LOOKS = {
  running: ['info', Play],
  paused: ['warn', Pause],
  finishing: ['info', Hourglass],
  completed: ['good', Check],
  cancelled: ['idle', Ban],
} as const;

export function ReplayStatus({ replay }: { replay: Replay }) {
  const [tone, icon] = LOOKS[replay.status];
  return (
    <Pill tone={tone} icon={icon}>
      {words.replays.statuses[replay.status]}
    </Pill>
  );
}

/** Of all that it makes: what arrived, what failed, what is on its way. */
export function Bar({ replay }: { replay: Replay }) {
  const total = Math.max(1, replay.total ?? replay.done + replay.open);
  const share = (count: number) => `${(count / total) * 100}%`;
  const { replays } = words;
  return (
    <div
      className={styles.bar}
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={replay.done}
      aria-label={replays.progressOf(replay.succeeded, replay.failed, total)}
    >
      <span className={styles.good} style={{ width: share(replay.succeeded) }} />
      <span className={styles.bad} style={{ width: share(replay.failed) }} />
      <span className={styles.idle} style={{ width: share(replay.cancelled) }} />
      <span className={styles.open} style={{ width: share(replay.open) }} />
    </div>
  );
}
