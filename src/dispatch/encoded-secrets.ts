/**
 * How a secret reads in a text that was encoded as a whole: base64, of which it begins anywhere, or hex. Either may be broken into
 * lines, as mail programs and `base64` do.
 */
import { createSecretFinder, type SecretFinder, type Span } from './secret-finder.ts';

/** So much of a secret is looked for: its forms are kept, and long ones would be several times as long as it is. */
const MAX_BYTES = 48;
/** Of a match that is as long as that, what follows may be the rest of a longer secret. */
const LONG_CHARS = Math.floor((MAX_BYTES * 8) / 6) - 4;
const IN_RUN = /[\w+/-]/;
/** Or half of one, where the text was cut off. */
const LINE_BREAK = /(?<=[\w+/-])(?:\r?\n(?=[\w+/-]|$)|\r$)/;

/** Finds the encoded forms of secrets, with the characters at both ends that hold a part of them. */
export function createEncodedFinder(secrets: string[]): SecretFinder {
  const find = createSecretFinder([...new Set(secrets)].flatMap(formsOf));
  return (text, cut, left) => {
    const { joined, places } = joinLines(text);
    const spans = find(joined, cut, left)?.map(createWidening(joined)) ?? null;
    if (!places || !spans) return spans;
    const endOf = (to: number) => (cut && to === joined.length ? text.length : places[to - 1]! + 1);
    return spans.map(([from, to]) => [places[from]!, endOf(to)]);
  };
}

/** `places`: where in the text each character came from; null: all are where they were. */
function joinLines(text: string): { joined: string; places: Uint32Array | null } {
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

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8').subarray(0, MAX_BYTES);
  const base64 = [0, 1, 2].map((before) => base64Of(bytes, before));
  const forUrls = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([...base64, ...forUrls, bytes.toString('hex')])];
}

/** The characters that these bytes alone make when so many others stand before them. */
function base64Of(bytes: Buffer, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

/** For spans in their order: many may stand in one run of characters, whose end is looked for once. */
function createWidening(text: string): (span: Span) => Span {
  const isPart = (at: number) => IN_RUN.test(text.charAt(at));
  let runEnd = 0;
  return ([from, to]) => {
    const start = isPart(from - 1) ? from - 1 : from;
    if (to - from < LONG_CHARS) return [start, isPart(to) ? to + 1 : to];
    runEnd = Math.max(runEnd, to);
    while (isPart(runEnd)) runEnd += 1;
    return [start, runEnd];
  };
}
