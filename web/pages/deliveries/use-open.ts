import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { DeliverySearch } from '../../search.ts';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The entry before is the same list without the drawer. */
    isDrawer?: boolean;
  }
}

/** How the address of a delivery in the drawer comes into the history: however many are looked at there, Back closes it. */
export const drawerEntry = (isOpen: boolean) =>
  ({ replace: isOpen, state: isOpen ? true : { isDrawer: true }, resetScroll: false }) as const;

/** Opens a delivery in the drawer; undefined: closes it, and nothing is left that Back would open again. */
export function useOpen(): (id: string | undefined) => void {
  const navigate = useNavigate({ from: '/deliveries' });
  const { history } = useRouter();
  const { open } = useSearch({ from: '/deliveries' });
  // Going back takes a moment: who presses Escape twice goes back once.
  const isClosing = useRef(false);
  useEffect(() => {
    isClosing.current = false;
  }, [open]);
  return (id) => {
    if (id === open || isClosing.current) return;
    const search = (before: DeliverySearch & { tenant?: string }) => ({ ...before, open: id, n: undefined });
    if (id !== undefined) return void navigate({ search, ...drawerEntry(open !== undefined) });
    if (!history.location.state.isDrawer) return void navigate({ search, replace: true, resetScroll: false });
    isClosing.current = true;
    history.back();
  };
}
