export interface Rate {
  count(): void;
  perSecond(): number;
}

/** Events per second over the last one to two half seconds. */
export function createRate(): Rate {
  let slot = 0;
  let current = 0;
  let previous = 0;
  function roll(): void {
    const now = Math.floor(performance.now() / 500);
    if (now === slot) return;
    previous = now === slot + 1 ? current : 0;
    current = 0;
    slot = now;
  }
  return {
    count() {
      roll();
      current += 1;
    },
    perSecond() {
      roll();
      const fraction = (performance.now() / 500) % 1;
      return 2 * (current + previous * (1 - fraction));
    },
  };
}
