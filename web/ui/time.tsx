/** One clock for everything that counts up or down. Silent for screen readers: the absolute time is what they get. */
import { useSyncExternalStore } from 'react';
import { serverNowMs } from '../clock.ts';
import { fullTime, seconds, shortTime } from '../format.ts';
import { words } from '../words/index.ts';

let nowMs = serverNowMs();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = serverNowMs();
    for (const tell of listeners) tell();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
export const useNowMs = (): number => useSyncExternalStore(subscribe, () => nowMs);

/** The time itself. */
export function At({ time }: { time: string }) {
  return (
    <time dateTime={time} title={fullTime(time)}>
      {shortTime(time)}
    </time>
  );
}

/** `in 4 min 10 s`, `3 min ago`. */
export function Relative({ time }: { time: string }) {
  const ms = new Date(time).getTime() - useNowMs();
  const far = Math.abs(ms) / 1000;
  const shown =
    ms > 0 ? words.time.in(seconds(far)) : far < 5 ? words.time.now : words.time.ago(seconds(coarse(far)));
  return (
    <time dateTime={time} title={fullTime(time)}>
      {shown}
    </time>
  );
}

/** What is long ago needs no seconds. */
const coarse = (value: number): number => {
  const unit = [86_400, 3600, 60].find((size) => value >= size);
  return unit ? Math.floor(value / unit) * unit : value;
};
