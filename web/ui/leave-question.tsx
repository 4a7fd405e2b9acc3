import { useBlocker, type ShouldBlockFn } from '@tanstack/react-router';
import { useCallback } from 'react';
import { isAnythingUnsaved, type Holder } from '../unsaved.ts';
import { words } from '../words/index.ts';
import { Confirm } from './confirm.tsx';

interface Props {
  holder: Holder;
  /** Also asked before this, which leaves what is held without leaving the page. */
  closing?: { isAsked: boolean; onStay: () => void; onLeave: () => void };
}

/** Before what was typed is lost to a link, to Back or Forward, or to the page's being loaded again. */
export function LeaveQuestion({ holder, closing }: Props) {
  // Another filter or another row is the same page: what is held stays.
  const isLost = useCallback<ShouldBlockFn>(
    ({ current, next }) => holder.unsaved > 0 && current.pathname !== next.pathname,
    [holder],
  );
  const blocker = useBlocker({
    shouldBlockFn: isLost,
    enableBeforeUnload: isAnythingUnsaved,
    withResolver: true,
  });
  const { leave } = words;
  const isBlocked = blocker.status === 'blocked';
  return (
    <Confirm
      danger
      open={isBlocked || (closing?.isAsked ?? false)}
      title={leave.title}
      text={leave.text}
      action={leave.action}
      back={leave.stay}
      onClose={() => (isBlocked ? blocker.reset() : closing?.onStay())}
      onConfirm={async () => (isBlocked ? blocker.proceed() : closing?.onLeave())}
    />
  );
}
