import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useWasRefused } from '../session.ts';
import { words } from '../words/index.ts';
import { Button } from './button.tsx';
import styles from './dialog.module.css';

/** What stands in front of the page until it is closed. */
export function Modal(props: {
  open: boolean;
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}) {
  const { open, title, onClose, children, wide } = props;
  // Nothing stands in the way of the sign-in, and nothing of what was typed is lost.
  const isHidden = useWasRefused();
  return (
    <Base.Root open={open && !isHidden} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal keepMounted={open}>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={`${styles.popup} ${wide ? styles.wide : ''}`}>
          <header className={styles.header}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            <Base.Close
              render={
                <Button look="quiet" small square aria-label={words.common.close}>
                  <X size={16} aria-hidden />
                </Button>
              }
            />
          </header>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** What can be done, at its end. */
export const DialogFooter = ({ children }: { children: ReactNode }) => (
  <footer className={styles.footer}>{children}</footer>
);
