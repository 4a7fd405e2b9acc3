/**
 * Where secrets stand in a text. In one pass and a bounded number of steps, since both come from strangers: an
 * ordinary search for `aaa…X…aaa` in `aaa…` takes a second.
 */

/** By as many characters it is noticed that a secret may begin; a shorter one is not found. */
const WINDOW = 6;
/** Characters compared in an answer, its headers and all; one that is not made for it needs a hundredth. */
const MAX_COMPARED = 2_000_000;
const BASE = 31;
const BASE_TO_WINDOW = Array.from({ length: WINDOW }).reduce<number>((power) => Math.imul(power, BASE), 1);

/** From the first character to behind the last. */
export type Span = [start: number, end: number];

/** What may still be compared in one answer. Of its headers there may be as many as it likes. */
export interface Patience {
  comparisons: number;
}
export const patience = (): Patience => ({ comparisons: MAX_COMPARED });

/**
 * Spans in order, which may overlap; null when the answer looks like the secrets in too many places. `cut`: the text
 * may end within a secret.
 */
export type SecretFinder = (text: string, cut: boolean, left: Patience) => Span[] | null;

export function createSecretFinder(secrets: string[]): SecretFinder {
  const byBeginning = new Map<number, string[]>();
  const shortest = shortestOf(secrets);
  // The longest first: one may begin with another.
  for (const secret of [...new Set(secrets)].sort((a, b) => b.length - a.length)) {
    if (secret.length < WINDOW) continue;
    let hash = 0;
    for (let i = 0; i < WINDOW; i++) hash = rolled(hash, secret, i);
    byBeginning.set(hash, [...(byBeginning.get(hash) ?? []), secret]);
  }
  return (text, cut, left) => {
    const spans: Span[] = [];
    if (text.length < shortest && !cut) return spans;
    let hash = 0;
    for (let i = 0; i < text.length; i++) {
      hash = rolled(hash, text, i);
      const candidates = byBeginning.get(hash);
      if (candidates === undefined) continue;
      const start = i + 1 - WINDOW;
      for (const secret of candidates) {
        const same = sameCharacters(text, start, secret);
        left.comparisons -= same + 1;
        if (left.comparisons < 0) return null;
        const end = start + same;
        if (same < secret.length && !(cut && end === text.length)) continue;
        spans.push([start, end]);
        break;
      }
    }
    return spans;
  };
}

/** In characters. Where nothing is cut off, a shorter text holds none of them: most header values do not. */
export const shortestOf = (secrets: string[]): number => Math.min(...secrets.map(({ length }) => length));

/** The hash of the last `WINDOW` characters up to `at`, from that of those before. */
function rolled(hash: number, text: string, at: number): number {
  const out = at < WINDOW ? 0 : Math.imul(smallAt(text, at - WINDOW), BASE_TO_WINDOW);
  return (Math.imul(hash, BASE) + smallAt(text, at) - out) | 0;
}

function sameCharacters(text: string, start: number, secret: string): number {
  let same = 0;
  while (same < secret.length && smallAt(text, start + same) === smallAt(secret, same)) same++;
  return same;
}

/** Capitals of Latin-1 as small letters: some receivers show header values in capitals. NaN behind the end. */
function smallAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const isCapital = (code >= 0x41 && code <= 0x5a) || (code >= 0xc0 && code <= 0xde && code !== 0xd7);
  return isCapital ? code | 0x20 : code;
}
