import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useWasRefused } from '../session.ts';
import { words } from '../words/index.ts';
import { Button } from './button.tsx';
import styles from './dialog.module.css';

export function Dialog(props: {
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

/** Asks before something that cannot be taken back. `onConfirm` may take a while; what it throws is shown. */
export function Confirm(props: {
  open: boolean;
  title: string;
  text: ReactNode;
  action: string;
  danger?: boolean;
  onClose: () => void;
  onConfirm: () => Promise<unknown>;
}) {
  const { open, title, text, action, danger, onClose, onConfirm } = props;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} title={title} onClose={onClose}>
      <div className={styles.text}>{text}</div>
      {problem && <p className={styles.problem}>{problem}</p>}
      <DialogFooter>
        <Button onClick={onClose}>{words.common.back}</Button>
        <Button look={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>
          {action}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
