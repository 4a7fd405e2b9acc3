import { useEffect } from 'react';

/** Dialogs and the drawer put the focus back by themselves; who is quicker than they are is in their way. */
const OTHERS_MS = 150;

/**
 * When what has the focus goes away (a row, a button for what is over), the focus goes to what was around it, and not back to
 * the start of the page.
 */
export function useFocusKept(): void {
  useEffect(() => {
    let last: Element | null = null;
    let around: HTMLElement[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = ({ target }: FocusEvent) => {
      last = target as Element;
      around = [];
      for (let at = last.parentElement; at; at = at.parentElement)
        if (at.matches('[tabindex]')) around.push(at);
    };
    const isLost = () => last?.isConnected === false && document.activeElement === document.body;
    const keep = () => {
      timer = undefined;
      // In a frame that nobody is in, the focus is somebody else's.
      if (!isLost() || !document.hasFocus()) return;
      const near = around.find((element) => element.isConnected) ?? document.getElementById('content');
      near?.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(() => {
      if (isLost()) timer ??= setTimeout(keep, OTHERS_MS);
    });
    document.addEventListener('focusin', remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', remember);
      observer.disconnect();
      clearTimeout(timer);
    };
  }, []);
}
