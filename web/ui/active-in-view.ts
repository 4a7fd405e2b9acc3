import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

/** Of links in a row that may be wider than the window: the one of this page is seen. */
export function useActiveInView() {
  const row = useRef<HTMLElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  useEffect(() => {
    const active = row.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (active) row.current?.scrollTo({ left: active.offsetLeft - row.current.clientWidth / 3 });
  }, [path]);
  return row;
}
