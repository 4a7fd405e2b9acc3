/** The Retry-After header (RFC 9110, 10.2.3). Pure. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(${MONTHS.join('|')})`;
const TIME = String.raw`(\d{2}):(\d{2}):(\d{2})`;

/** The three date forms that RFC 9110 obliges a recipient to accept. */
const IMF_FIXDATE = new RegExp(
  String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ${MONTH} (\d{4}) ${TIME} GMT$`,
);
const RFC_850 = new RegExp(
  String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-${MONTH}-(\d{2}) ${TIME} GMT$`,
);
const ASCTIME = new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} ([ \d]\d) ${TIME} (\d{4})$`);

/** A year. What asks for more is logged as this; the schedule waits a day at most. */
export const LONGEST_RETRY_AFTER_SECONDS = 365 * 24 * 3600;

/**
 * How long the receiver asks us to wait, in whole seconds from 0 to a year, rounded up. null without a header, for
 * any status but 429 and 503, and for a value that is neither seconds nor an HTTP date.
 */
export function parseRetryAfter(
  header: string | undefined,
  statusCode: number,
  nowMs: number = Date.now(),
): number | null {
  if (header === undefined || (statusCode !== 429 && statusCode !== 503)) return null;
  const value = header.trim();
  const seconds = /^\d+$/.test(value) ? Number(value) : secondsUntil(value, nowMs);
  return seconds === null ? null : Math.min(seconds, LONGEST_RETRY_AFTER_SECONDS);
}

function secondsUntil(httpDate: string, nowMs: number): number | null {
  const dateMs = parseHttpDate(httpDate, nowMs);
  return dateMs === null ? null : Math.max(0, Math.ceil((dateMs - nowMs) / 1000));
}

function parseHttpDate(value: string, nowMs: number): number | null {
  const imf = IMF_FIXDATE.exec(value);
  if (imf) return utc(imf[3], imf[2], imf[1], imf.slice(4));
  const asctime = ASCTIME.exec(value);
  if (asctime) return utc(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6));
  const rfc850 = RFC_850.exec(value);
  if (rfc850) return utc(fullYear(Number(rfc850[3]), nowMs), rfc850[2], rfc850[1], rfc850.slice(4));
  return null;
}

/** A two-digit year more than 50 years ahead means the past century (RFC 9110, 5.6.7). */
function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

/** null when a field is out of range, such as 31 February or 25 o'clock. */
function utc(
  year: string | number | undefined,
  month: string | undefined,
  day: string | undefined,
  time: string[],
): number | null {
  const [hour = NaN, minute = NaN, second = NaN] = time.map(Number);
  if (hour > 23 || minute > 59 || second > 60) return null;
  const midnight = Date.UTC(Number(year), MONTHS.indexOf(month ?? ''), Number(day));
  if (new Date(midnight).getUTCDate() !== Number(day)) return null;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000;
}
