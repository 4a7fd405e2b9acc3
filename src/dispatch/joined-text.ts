/** A text without what stands between the parts of something that was encoded, and where in the text each character came from. */

/** `places`: null: all are where they were. */
export interface Joined {
  joined: string;
  places: Uint32Array | null;
}

/** Lines of base64 or hex, as mail programs and `base64` make them; or half of a line's end, where the text was cut off. */
const LINE_BREAK = /(?<=[\w+/-])(?:\r?\n(?=[\w+/-]|$)|\r$)/;
/** Between bytes in hex: `61 62`, `61:62`, `6162 6364`, `0x61, 0x62`. */
const BETWEEN_BYTES = /[0-9a-f]{2}[\s:,.;_-]{1,3}(?:0x)?[0-9a-f]{2}/i;
const BETWEEN = new Set(' \t\r\n:,.;_-');
const LONGEST_BETWEEN = 3;
const isHex = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
};

export function joinLines(text: string): Joined {
  const lines = text.split(LINE_BREAK);
  const joined = lines.join('');
  if (lines.length === 1) return { joined, places: null };
  const places = new Uint32Array(joined.length);
  let to = 0;
  let from = 0;
  for (const { length } of lines) {
    if (from > 0) from += text[from] === '\r' ? 2 : 1;
    for (let i = 0; i < length; i += 1) places[to++] = from++;
  }
  return { joined, places };
}

/** Character by character: an answer may have twenty thousand such places, and a match of each takes longer than all else. */
export function joinBytes(text: string): Joined {
  if (!BETWEEN_BYTES.test(text)) return { joined: text, places: null };
  const codes = new Uint16Array(text.length);
  const places = new Uint32Array(text.length);
  let to = 0;
  for (let from = 0; from < text.length; from += 1) {
    from = behindSeparator(text, from);
    if (from === text.length) break;
    codes[to] = text.charCodeAt(from);
    places[to++] = from;
  }
  return { joined: Buffer.from(codes.buffer, 0, to * 2).toString('utf16le'), places };
}

/** Where the next byte begins, or half of one where the text was cut off; `at` where no separator stands there. */
function behindSeparator(text: string, at: number): number {
  if (!BETWEEN.has(text[at]!) || !isHex(text, at - 1) || !isHex(text, at - 2)) return at;
  let end = at + 1;
  while (end < at + LONGEST_BETWEEN && BETWEEN.has(text[end]!)) end += 1;
  if (text[end] === '0' && /x/i.test(text[end + 1] ?? '')) end += 2;
  const isBefore = isHex(text, end) ? isHex(text, end + 1) || end + 1 === text.length : end === text.length;
  return isBefore ? end : at;
}
