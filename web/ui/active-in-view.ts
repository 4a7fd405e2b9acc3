import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

/** Of links in a row that may be wider than the window: the one of this page is seen, and the one that has the focus. */
export function useActiveInView() {
  const row = useRef<HTMLElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  useEffect(() => {
    const active = row.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (active) bringIntoView(row.current!, active);
  }, [path]);
  useEffect(() => {
    const element = row.current;
    // Browsers are content with some pixels of it.
    const onFocus = ({ target }: FocusEvent) => {
      const { offsetLeft: left, offsetWidth: width } = target as HTMLElement;
      const { scrollLeft, clientWidth } = element!;
      if (left < scrollLeft || left + width > scrollLeft + clientWidth)
        bringIntoView(element!, target as HTMLElement);
    };
    element?.addEventListener('focusin', onFocus);
    return () => element?.removeEventListener('focusin', onFocus);
  }, []);
  return row;
}

const bringIntoView = (row: HTMLElement, link: HTMLElement): void =>
  row.scrollTo({ left: link.offsetLeft - row.clientWidth / 3 });
