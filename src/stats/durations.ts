/**
 * Durations in buckets that grow by a fifth each: bucket n holds what took up to 0.5 ms × 1.2^n. Whatever falls into one is
 * told as its middle, so a percentile is wrong by 10 % at most. Pure.
 */
const FIRST_MS = 0.5;
const GROWTH = 1.2;
/** More than an hour: longer than any attempt may take. */
const LAST_BUCKET = 87;
const LONGEST_MS = 3_600_000;

/** The bucket of a duration in ms, as SQL. No number makes it fail. */
export const bucketSql = (ms: string): string =>
  `CASE WHEN ${ms} <= ${FIRST_MS} THEN 0
        WHEN ${ms} < ${LONGEST_MS} THEN ceil(ln(${ms}::float8 / ${FIRST_MS}) / ln(${GROWTH}::float8))::int
        ELSE ${LAST_BUCKET} END`;

/** What a duration in that bucket is told as. */
export function bucketMs(bucket: number): number {
  if (bucket === 0) return FIRST_MS;
  const ms = FIRST_MS * GROWTH ** (bucket - 0.5);
  return Math.round(ms * 10) / 10;
}

/** Attempts by bucket. */
export type Durations = Record<string, number>;

/** The durations that the given parts (0.95, say; in rising order) of all attempts did not exceed; null without any. */
export function percentiles(durations: Durations, parts: number[]): (number | null)[] {
  // Names that are numbers are kept in their order.
  const buckets = Object.entries(durations);
  let all = 0;
  for (const [, count] of buckets) all += count;
  if (all === 0) return parts.map(() => null);
  let at = 0;
  let counted = buckets[0]![1];
  return parts.map((part) => {
    while (counted < Math.ceil(all * part)) counted += buckets[(at += 1)]![1];
    return bucketMs(Number(buckets[at]![0]));
  });
}
