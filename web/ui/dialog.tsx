import { Dialog as Base } from '@base-ui/react/dialog';
import { useState, type ComponentProps } from 'react';
import { HolderContext, type Holder } from '../unsaved.ts';
import { words } from '../words/index.ts';
import { Button } from './button.tsx';
import { LeaveQuestion } from './leave-question.tsx';
import { Modal } from './modal.tsx';

export { DialogFooter } from './modal.tsx';

/** What was typed in it is not lost to Escape, or to a click beside it, without a question. */
export function Dialog({ onClose, children, ...props }: ComponentProps<typeof Modal>) {
  const [holder] = useState<Holder>(() => ({ unsaved: 0 }));
  const [isAsked, setIsAsked] = useState(false);
  return (
    <Modal {...props} onClose={() => (holder.unsaved > 0 ? setIsAsked(true) : onClose())}>
      <HolderContext value={holder}>{children}</HolderContext>
      <LeaveQuestion
        holder={holder}
        closing={{ isAsked, onStay: () => setIsAsked(false), onLeave: onClose }}
      />
    </Modal>
  );
}

/** Closes the dialog around it, as Escape does. */
export const DialogBack = ({ children = words.common.back }: { children?: string }) => (
  <Base.Close render={<Button>{children}</Button>} />
);
