/** Whether a page holds what would be gone if it were left or loaded again: something typed, a secret that is shown once. */
import { createContext, useContext, useEffect } from 'react';

/** A page or a dialog: how much in it would be lost with it. */
export interface Holder {
  unsaved: number;
}
/** Of what is in no dialog. */
export const pageHolder: Holder = { unsaved: 0 };
export const HolderContext = createContext(pageHolder);

let unsaved = 0;
let isLeaving = false;

/** As far as loading the page again is concerned. */
export const isAnythingUnsaved = (): boolean => !isLeaving && unsaved > 0;

/** `outlivesLinks`: it is there again when one comes back, and gone only when the page is loaded again. */
export function useUnsaved(isUnsaved: boolean, { outlivesLinks = false } = {}): void {
  const holder = useContext(HolderContext);
  useEffect(() => {
    if (!isUnsaved) return;
    const ofHolder = outlivesLinks ? 0 : 1;
    unsaved += 1;
    holder.unsaved += ofHolder;
    return () => {
      unsaved -= 1;
      holder.unsaved -= ofHolder;
    };
  }, [isUnsaved, outlivesLinks, holder]);
}

/** Loads the page again, and the browser asks nothing: whoever calls this has asked, or may not ask. */
export function loadAgain(): void {
  isLeaving = true;
  location.reload();
}
