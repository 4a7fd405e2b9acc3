/** What Postgres, RFC 3339 and JavaScript all write alike. */
export const STORABLE_YEARS = 'must lie in the years 1 to 9999';

/** True for what is no time at all: that has been said by then. */
export function isStorableTime(time: string): boolean {
  const ms = Date.parse(time);
  return Number.isNaN(ms) || /^(?!0000)\d{4}-/.test(new Date(ms).toISOString());
}
