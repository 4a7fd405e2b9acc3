import { useEffect, useState } from 'react';

const STEP_ROWS = 100;

/**
 * How many of so many rows are there: a step more with each frame, so that thousands of them hold nothing up, and are all there a moment
 * later, also for who does not scroll but searches the page or has it read aloud.
 */
export function useGrowing(total: number): number {
  const [grown, setGrown] = useState(STEP_ROWS);
  // Of fewer rows the others are gone: they come back step by step, too.
  const shown = Math.min(grown, total + STEP_ROWS);
  if (shown !== grown) setGrown(shown);
  const isComplete = shown >= total;
  useEffect(() => {
    if (isComplete) return;
    const frame = requestAnimationFrame(() => setGrown(shown + STEP_ROWS));
    return () => cancelAnimationFrame(frame);
  }, [isComplete, shown]);
  return shown;
}
