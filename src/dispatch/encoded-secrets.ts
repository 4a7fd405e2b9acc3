/**
 * How a secret reads in a text that was encoded as a whole: base64, of which it begins anywhere, or hex, or either of them in base64
 * again. It may be broken into lines, and hex into bytes.
 */
import { joinBytes, joinLines, type Joined } from './joined-text.ts';
import {
  createSecretFinder,
  shortestOf,
  type Patience,
  type SecretFinder,
  type Span,
} from './secret-finder.ts';

/** So much of a secret is looked for: its forms are kept, and long ones would be several times as long as it is. */
const MAX_BYTES = 48;
/** Of a match that is as long as that, what follows may be the rest of a longer secret. */
const LONG_CHARS = Math.floor((MAX_BYTES * 8) / 6) - 4;
const IN_RUN = /[\w+/-]/;
/** Of base64 that may hold base64 of a secret; what stands before it may look like a part of it. */
const INNER_RUN = /[\w+/-]{8,}/g;
const CHARS_PER_BYTE = 4 / 3;
const BEGINNINGS = [0, 1, 2, 3];

/** Finds the encoded forms of secrets, with the characters at both ends that hold a part of them. */
export function createEncodedFinder(secrets: string[]): SecretFinder {
  const forms = [...new Set(secrets)].flatMap(formsOf);
  const find = createSecretFinder(forms);
  const shortest = shortestOf(forms);

  function once(text: string, { joined, places }: Joined, cut: boolean, left: Patience): Span[] | null {
    // Looking through it costs time, too, and an answer may be such that it is done often.
    left.comparisons -= joined.length >> 1;
    const spans = find(joined, cut, left)?.map(createWidening(joined)) ?? null;
    return spans && spans.map((span) => placed(span, text, joined, places, cut));
  }

  /** Of what was encoded once, as far as there is something to join. */
  function plain(text: string, lines: Joined, cut: boolean, left: Patience): Span[] | null {
    const whole = once(text, lines, cut, left);
    const bytes = joinBytes(text);
    if (whole === null || bytes.places === null) return whole;
    const apart = once(text, bytes, cut, left);
    return apart && [...whole, ...apart];
  }

  function twice(text: string, lines: Joined, cut: boolean, left: Patience): Span[] | null {
    const { joined, places } = lines;
    const spans: Span[] = [];
    for (const { 0: run, index } of joined.matchAll(INNER_RUN)) {
      const end = index + run.length;
      const isCut = cut && end === joined.length;
      if (run.length < shortest * CHARS_PER_BYTE && !isCut) continue;
      for (const before of BEGINNINGS) {
        const inner = Buffer.from(run.slice(before), 'base64').toString('latin1');
        const found = plain(inner, joinLines(inner), isCut, left);
        if (found === null) return null;
        for (const [from, to] of found) {
          const isRest = /^=*$/.test(inner.slice(to, to + 3));
          const span: Span = [
            index + before + Math.floor((from * 4) / 3),
            isRest ? end : index + before + Math.ceil((to * 4) / 3),
          ];
          spans.push(placed(span, text, joined, places, cut));
        }
      }
    }
    return spans;
  }

  return (text, cut, left) => {
    if (text.length < shortest && !cut) return [];
    const lines = joinLines(text);
    const found = plain(text, lines, cut, left);
    const inner = found && twice(text, lines, cut, left);
    return inner && [...found, ...inner];
  };
}

/** Where it stands in the text. */
function placed(span: Span, text: string, joined: string, places: Uint32Array | null, cut: boolean): Span {
  if (!places) return span;
  const [from, to] = span;
  return [places[from]!, cut && to === joined.length ? text.length : places[to - 1]! + 1];
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
