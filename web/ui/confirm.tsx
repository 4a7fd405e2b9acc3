import { useState, type ReactNode } from 'react';
import { words } from '../words/index.ts';
import { Button } from './button.tsx';
import { Modal, DialogFooter } from './modal.tsx';
import styles from './dialog.module.css';

/** Asks before something that cannot be taken back. `onConfirm` may take a while; what it throws is shown. */
export function Confirm(props: {
  open: boolean;
  title: string;
  text: ReactNode;
  action: string;
  danger?: boolean;
  /** What not doing it is called. */
  back?: string;
  onClose: () => void;
  onConfirm: () => Promise<unknown>;
}) {
  const { open, title, text, action, danger, back = words.common.back, onClose, onConfirm } = props;
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
    <Modal open={open} title={title} onClose={onClose}>
      <div className={styles.text}>{text}</div>
      {problem && <p className={styles.problem}>{problem}</p>}
      <DialogFooter>
        <Button onClick={onClose}>{back}</Button>
        <Button look={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>
          {action}
        </Button>
      </DialogFooter>
    </Modal>
  );
}
