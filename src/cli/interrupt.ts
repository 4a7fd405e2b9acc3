/** Commands that go on until somebody ends them. */

export interface Stopped {
  /** Resolves at the first SIGINT, SIGTERM or SIGHUP, or when `stop` is called. */
  promise: Promise<void>;
  stop(): void;
  /** Signals do again what they do by themselves. */
  done(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ctrl-C reaches us twice: from the terminal, and handed on by npm. */
const SAME_SIGNAL_MS = 1_000;

/** A second signal ends the process at once, whatever it is at. */
export function untilStopped(): Stopped {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  let firstAtMs: number | null = null;
  const onSignal = () => {
    if (firstAtMs !== null && performance.now() - firstAtMs > SAME_SIGNAL_MS) process.exit(130);
    firstAtMs ??= performance.now();
    resolve();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    promise,
    stop: () => resolve(),
    done: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
