import type { Queue } from '../round.ts';

/** Of what comes by the hundred. */
const IN_A_TURN = 50;

/**
 * Does something for each of what it is given, as the queue orders it. Some at a time: between them, others' requests and
 * answers have their turn. The first of them at once.
 */
export function inTurns<T>(waiting: Queue<T>, act: (item: T) => void): (items: T[]) => void {
  let isUnderWay = false;

  function go(): void {
    try {
      for (let n = 0; n < IN_A_TURN && waiting.length > 0; n += 1) act(waiting.shift()!);
    } finally {
      isUnderWay = waiting.length > 0;
      if (isUnderWay) setImmediate(go);
    }
  }

  return (items) => {
    for (const item of items) waiting.push(item);
    if (!isUnderWay) go();
  };
}
