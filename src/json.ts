/**
 * JSON as it was written. A JavaScript number has some 16 digits; what has more, such as a 64-bit id, is kept as its text
 * (JSON.rawJSON), and JSON.stringify writes it as it was. Everything else is what JSON.parse makes of it: of equal keys
 * the last counts.
 */
import { findInexact, pathOf, putInexact, withoutInexact, type InexactNumber } from './json-numbers.ts';

/** A number that keeps its digits. Nothing calculates with it. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** In the language since ES2026; TypeScript does not know it yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

/** A number that is beyond what JSON's readers take: 1e400 would become null. */
export class NumberTooLarge extends Error {
  override name = 'NumberTooLarge';
  /** Keys and indexes, from the outside in. */
  readonly path: (string | number)[];

  constructor(path: (string | number)[]) {
    super('a number is too large');
    this.path = path;
  }
}

export { isRawJSON as isRawNumber };

/** Throws SyntaxError, NumberTooLarge, or RangeError for too many numbers with too many digits. */
export function parseJson(text: string): unknown {
  const numbers = findInexact(text);
  if (numbers.length === 0) return JSON.parse(text);
  const parsed = parseWithout(text, numbers);
  return putInexact(parsed, text, numbers, (number) => {
    if (!Number.isFinite(Number(number.source))) throw new NumberTooLarge(pathOf(number, text));
    return rawJSON(number.source);
  });
}

function parseWithout(text: string, numbers: InexactNumber[]): unknown {
  try {
    return JSON.parse(withoutInexact(text, numbers));
  } catch {
    return JSON.parse(text); // says where in the text that the caller wrote
  }
}
