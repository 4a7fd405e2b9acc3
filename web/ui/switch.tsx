import { Switch as Base } from '@base-ui/react/switch';
import styles from './switch.module.css';

export function Switch(props: {
  label: string;
  checked: boolean;
  disabled?: boolean;
  /** Disabled it would lose the focus. */
  busy?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const { label, checked, disabled, busy, onChange } = props;
  return (
    <Base.Root
      className={styles.root}
      checked={checked}
      disabled={disabled}
      readOnly={busy}
      aria-busy={busy || undefined}
      aria-label={label}
      onCheckedChange={(next) => onChange(next)}
    >
      <Base.Thumb className={styles.thumb} />
    </Base.Root>
  );
}
