import { Button } from '../../ui/button.tsx';
import { words } from '../../words/index.ts';
import type { LiveState } from './live.ts';
import styles from './deliveries.module.css';

export function LiveSwitch({
  state,
  isOn,
  onChange,
}: {
  state: LiveState;
  isOn: boolean;
  onChange: (on: boolean) => void;
}) {
  const { live } = words.deliveries;
  return (
    <Button aria-pressed={isOn} onClick={() => onChange(!isOn)} title={live.hint}>
      <span className={`${styles.dot} ${isOn ? styles[state] : ''}`} aria-hidden />
      {isOn ? live[state === 'off' ? 'on' : state] : live.off}
    </Button>
  );
}
