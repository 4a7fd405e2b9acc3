/** Wakes one that waits. Set while nobody waits, it is remembered. */
export interface Signal {
  readonly isSet: boolean;
  set(): void;
  clear(): void;
  /** True once it is set; false when that did not come in time. */
  wait(limitMs?: number): Promise<boolean>;
  /** Resolves when it is set for the last time. */
  readonly ended: Promise<void>;
  end(): void;
}

export function createSignal(): Signal {
  let isSet = false;
  let wake: (() => void) | null = null;
  let resolveEnded: () => void;
  const ended = new Promise<void>((resolve) => (resolveEnded = resolve));
  const set = () => {
    isSet = true;
    wake?.();
  };
  return {
    get isSet() {
      return isSet;
    },
    set,
    clear: () => void (isSet = false),
    async wait(limitMs = Infinity) {
      if (isSet) return true;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (limitMs !== Infinity) timer = setTimeout(resolve, limitMs);
      });
      wake = null;
      clearTimeout(timer);
      return isSet;
    },
    ended,
    end() {
      resolveEnded();
      set();
    },
  };
}
