/**
 * A parameter for an array of what needs no quotes: ids and words of ours, numbers, times. Never of what somebody else has written.
 * pg quotes and escapes each element by itself: some thirty of a delivery and its attempt were a tenth of what they allocate.
 */
export const bare = (values: readonly (string | number | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;
