import { useEffect, useRef, useState, type RefObject } from 'react';

/** Whether an element is where somebody can see it. */
export function useIsSeen<E extends Element = HTMLSpanElement>(): [RefObject<E | null>, boolean] {
  const place = useRef<E>(null);
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    if (!place.current) return;
    const observer = new IntersectionObserver(
      (entries) => setIsSeen(entries.at(-1)?.isIntersecting ?? false),
      {
        rootMargin: '120px',
      },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return [place, isSeen];
}
