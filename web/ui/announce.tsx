/** What happened, said once: shown at the lower edge for a while, and read out in one polite region. */
import { useEffect, useSyncExternalStore } from 'react';
import styles from './announce.module.css';

interface Note {
  text: string;
  tone: 'good' | 'bad';
}
let note: Note | null = null;
const listeners = new Set<() => void>();

function set(next: Note | null): void {
  note = next;
  for (const tell of listeners) tell();
}
export const announce = (text: string, tone: Note['tone'] = 'good'): void => set({ text, tone });

const SHOWN_MS = 5_000;

export function Announcer() {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => note,
  );
  useEffect(() => {
    if (!current) return;
    const timer = setTimeout(() => set(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div role="status" className={styles.region}>
      {current && <p className={`${styles.note} ${styles[current.tone]}`}>{current.text}</p>}
    </div>
  );
}
