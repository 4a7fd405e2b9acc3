import { Ban, Check, CircleDashed, Clock, Pause, X, type LucideIcon } from 'lucide-react';
import type { DeliveryStatus } from '../api/client.ts';
import { words } from '../words/index.ts';
import styles from './status.module.css';

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'idle';

/** A word with a shape of its own, so that colour is not all that tells it. */
export function Pill({ tone, icon: Icon, children }: { tone: Tone; icon?: LucideIcon; children: string }) {
  return (
    <span className={`${styles.pill} ${styles[tone]}`}>
      {Icon && <Icon size={13} strokeWidth={2.5} aria-hidden />}
      {children}
    </span>
  );
}

const LOOKS: Record<DeliveryStatus, [Tone, LucideIcon]> = {
  pending: ['info', CircleDashed],
  retrying: ['warn', Clock],
  succeeded: ['good', Check],
  failed: ['bad', X],
  held: ['idle', Pause],
  cancelled: ['idle', Ban],
};

export function Status({ status }: { status: DeliveryStatus }) {
  const [tone, icon] = LOOKS[status];
  return (
    <Pill tone={tone} icon={icon}>
      {words.status[status]}
    </Pill>
  );
}
