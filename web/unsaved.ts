/** Whether a page holds what would be gone if it were loaded again: something typed, a secret that is shown once. */
import { useEffect } from 'react';

let held = 0;

export const isAnythingUnsaved = (): boolean => held > 0;

export function useUnsaved(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    held += 1;
    return () => {
      held -= 1;
    };
  }, [isUnsaved]);
}
