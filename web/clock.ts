/** What time it is by the server's clock, which all times come from: the reader's may be an hour off. */

/** Less is the way the answer took, and seconds that were cut off. */
const NOTICED_MS = 5_000;
/** An answer that took longer says only between which two times it was made. */
const QUICK_MS = 2_000;
/** What `Date` leaves out is cut off. */
const SECOND_MS = 1_000;

let aheadMs = 0;

/** `date`: what an answer says about itself, which took so long. */
export function hearDate(date: string | null, tookMs: number): void {
  const atMs = Date.parse(date ?? '');
  if (Number.isNaN(atMs)) return;
  const offMs = atMs - Date.now();
  if (tookMs > QUICK_MS) aheadMs = Math.min(Math.max(aheadMs, offMs), offMs + tookMs + SECOND_MS);
  else aheadMs = Math.abs(offMs) < NOTICED_MS ? 0 : offMs;
}

export const serverNowMs = (): number => Date.now() + aheadMs;
