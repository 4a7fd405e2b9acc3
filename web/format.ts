/** Times, durations and numbers for people, in their language and zone. */
import { serverNowMs } from './clock.ts';
import { language, words } from './words/index.ts';

/** English as it is written where the reader lives. */
const locale = (): string =>
  navigator.languages.find((known) => known.startsWith(language) && isLocale(known)) ?? language;

/** `en-US@posix`, as browsers say where the system has no language, is none. */
export function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

const dates = (options: Intl.DateTimeFormatOptions) => {
  let format: Intl.DateTimeFormat | undefined;
  return (at: Date) => (format ??= new Intl.DateTimeFormat(locale(), options)).format(at);
};

const clock = dates({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const shortClock = dates({ hour: '2-digit', minute: '2-digit' });
const dayAndClock = dates({
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const full = dates({ dateStyle: 'full', timeStyle: 'long' });
const date = dates({ dateStyle: 'medium' });

const isToday = (at: Date): boolean => at.toDateString() === new Date(serverNowMs()).toDateString();

/** Today's times without their date. */
export const shortTime = (iso: string): string => {
  const at = new Date(iso);
  return isToday(at) ? clock(at) : dayAndClock(at);
};
/** To the minute. */
export const since = (iso: string): string => {
  const at = new Date(iso);
  return isToday(at) ? shortClock(at) : `${date(at)}, ${shortClock(at)}`;
};
export const fullTime = (iso: string): string => full(new Date(iso));
const axisClock = dates({ hour: '2-digit', minute: '2-digit', hour12: false });
const axisDay = dates({ day: 'numeric', month: 'short' });
/** At an axis: the day where it begins, else the hour. */
export function axisTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  return at.getHours() === 0 && at.getMinutes() === 0 ? axisDay(at) : axisClock(at);
}
export const day = (iso: string): string => date(new Date(iso));

export const number = (value: number, digits = 0): string =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);

/** A share; 99.97 % is not shown as 100 %. */
export function percent(share: number): string {
  const value = share * 100;
  const shown = value < 100 && value > 99.9 ? 99.9 : value;
  const digits = value > 99 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(
    shown / 100,
  );
}

export function milliseconds(value: number | null): string {
  if (value === null) return '–';
  if (value < 10) return `${number(value, 1)} ms`;
  if (value < 1000) return `${number(value)} ms`;
  return `${number(value / 1000, 2)} s`;
}

/** `90` → `1 min 30 s`: two parts at most. */
export function seconds(value: number): string {
  const { units } = words.time;
  const parts: [number, string][] = [
    [Math.floor(value / 86_400), units.day],
    [Math.floor(value / 3600) % 24, units.hour],
    [Math.floor(value / 60) % 60, units.minute],
    [Math.floor(value % 60), units.second],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `0 ${units.second}`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1 << 20 ? `${number(value / 1024, 1)} KiB` : `${number(value / (1 << 20), 1)} MiB`;
}
