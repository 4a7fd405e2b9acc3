/** How an event carries its number: eight digits, so that every request has the same length. */
export const FIRST_SEQ = 10_000_000;

const MARK = Buffer.from('"seq":');

/** The number in `bytes` from `from` on; -1 when there is none. Looks at nothing else of the body. */
export function readSeq(bytes: Buffer, from: number, end: number): number {
  const at = bytes.indexOf(MARK, from);
  if (at < 0 || at >= end) return -1;
  let value = 0;
  for (let index = at + MARK.length; index < end; index += 1) {
    const digit = bytes[index]! - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value - FIRST_SEQ;
}
