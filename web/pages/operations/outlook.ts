/** How long what waits will last, from how it went during the last minutes. Pure. */
export interface Sample {
  atMs: number;
  waiting: number;
}

export type Outlook =
  | { kind: 'unknown' }
  | { kind: 'empty' }
  | { kind: 'steady' }
  | { kind: 'growing'; perSecond: number }
  | { kind: 'draining'; perSecond: number; doneAtMs: number };

const LOOKED_BACK_MS = 120_000;
/** Over less, one batch more or less would be taken for a trend. */
const SHORTEST_MS = 14_000;
/** Further ahead nobody can see. */
const FURTHEST_MS = 24 * 3_600_000;

/** Of the last two minutes, oldest first. A count at the limit of counting says nothing of the rate: they begin after it. */
export function remember(samples: readonly Sample[], sample: Sample, limit: number): Sample[] {
  if (sample.waiting >= limit) return [sample];
  return [...samples, sample].filter(
    ({ atMs, waiting }) => sample.atMs - atMs <= LOOKED_BACK_MS && waiting < limit,
  );
}

export function outlookOf(samples: readonly Sample[], limit: number): Outlook {
  const last = samples.at(-1);
  if (!last || last.waiting >= limit) return { kind: 'unknown' };
  if (last.waiting === 0) return { kind: 'empty' };
  const first = turnIn(samples, last);
  const ms = last.atMs - first.atMs;
  if (ms < SHORTEST_MS) return { kind: 'unknown' };
  const perSecond = ((last.waiting - first.waiting) / ms) * 1000;
  // A tenth of what waits, up or down, within the time looked at: that it comes and goes.
  if (Math.abs(last.waiting - first.waiting) <= Math.max(1, last.waiting / 10)) return { kind: 'steady' };
  if (perSecond > 0) return { kind: 'growing', perSecond };
  const leftMs = (last.waiting / -perSecond) * 1000;
  if (leftMs > FURTHEST_MS) return { kind: 'steady' };
  return { kind: 'draining', perSecond: -perSecond, doneAtMs: last.atMs + leftMs };
}

/** Since when it goes one way: the highest or the lowest of them, whichever came later, if that is long enough ago. */
function turnIn(samples: readonly Sample[], last: Sample): Sample {
  const old = samples.filter(({ atMs }) => last.atMs - atMs >= SHORTEST_MS);
  const most = Math.max(...samples.map(({ waiting }) => waiting));
  const least = Math.min(...samples.map(({ waiting }) => waiting));
  return old.findLast(({ waiting }) => waiting === most || waiting === least) ?? samples[0]!;
}
