import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, Ref } from 'react';
import styles from './button.module.css';

interface Look {
  look?: 'primary' | 'secondary' | 'quiet' | 'danger';
  small?: boolean;
  /** Only an icon is shown: `aria-label` says what it does. */
  square?: boolean;
}

const classOf = ({ look = 'secondary', small, square }: Look, more = ''): string =>
  [styles.button, styles[look], small && styles.small, square && styles.square, more]
    .filter(Boolean)
    .join(' ');

export function Button({
  look,
  small,
  square,
  busy,
  className,
  onClick,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & Look & { busy?: boolean; ref?: Ref<HTMLButtonElement> }) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      // Disabled it would lose the focus, and with it whoever has pressed it by keys.
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classOf({ look, small, square }, className)}
    />
  );
}

function Anchor({ look, small, square, className, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & Look) {
  return <a {...rest} className={classOf({ look, small, square }, className)} />;
}
/** A link within the dashboard that looks like a button. */
export const ButtonLink = createLink(Anchor);
