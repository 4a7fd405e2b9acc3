/** A text as it reads without the escapes of JSON, URLs and HTML, and where in it each character came from. */

export interface Unescaped {
  plain: string;
  /** The same with a space where one stands. */
  spaced: string;
  /** For each character of `plain`: where what stands for it begins and ends. */
  starts: Uint32Array;
  ends: Uint32Array;
}

const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  plus: '+',
  sol: '/',
  bsol: '\\',
  equals: '=',
  percnt: '%',
  colon: ':',
  num: '#',
  dollar: '$',
  excl: '!',
  commat: '@',
  lowbar: '_',
};

/** Also several times over, as in `\\\"`, `%2525` and `&amp;amp;`. No part can match in two ways: it takes linear time. */
const ESCAPE = new RegExp(
  [
    /\\+(?:u(?<unit>[0-9a-f]{4})|x(?<byte>[0-9a-f]{2})|(?<ending>[rn]))?/,
    /(?<utf8>(?:%(?:25)*[89a-f][0-9a-f])+)/,
    /%(?:25)*(?<ascii>[0-7][0-9a-f])/,
    new RegExp(
      `&(?:amp;)*(?:#0*(?<decimal>\\d{1,7})|#x0*(?<hex>[0-9a-f]{1,6})|(?<name>${Object.keys(NAMED).join('|')}));`,
    ),
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);
/** Also the first bytes of a character. */
const UNFINISHED_ESCAPE =
  /(?:\\+(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|(?:%(?:25)*[89a-f][0-9a-f])*(?:%(?:25)*[0-9a-f]?)?|&(?:amp;)*#?\w{0,8}|\uFFFD)$/i;
const LONGEST_UNFINISHED = 100;

/** Whether there may be anything to do. */
export function hasEscapes(text: string): boolean {
  return /[\\%&+\uFFFD]/.test(text);
}

/** A space is written as `+`, as forms do, wherever it stands. `cut`: the text may end within an escape. */
export function unescaped(text: string, cut = false): Unescaped {
  const length = cut ? text.length - unfinishedLength(text) : text.length;
  const starts = new Uint32Array(text.length);
  const ends = new Uint32Array(text.length);
  let plain = '';
  let read = 0;
  const copy = (end: number) => {
    for (let i = read, to = plain.length; i < end; i++, to++) {
      starts[to] = i;
      ends[to] = i + 1;
    }
    plain += text.slice(read, end);
  };
  for (const match of text.slice(0, length).matchAll(ESCAPE)) {
    copy(match.index);
    read = match.index + match[0].length;
    const meant = meaning(match.groups!);
    starts.fill(match.index, plain.length, plain.length + meant.length);
    ends.fill(read, plain.length, plain.length + meant.length);
    plain += meant;
  }
  copy(length);
  return { plain: plain.replaceAll(' ', '+'), spaced: plain, starts, ends };
}

function meaning(groups: Record<string, string | undefined>): string {
  const { unit, byte, ending, utf8, ascii, decimal, hex, name } = groups;
  const code = unit ?? byte ?? ascii ?? hex;
  if (utf8 !== undefined) return Buffer.from(utf8.replaceAll(/%(?:25)*/g, ''), 'hex').toString('utf8');
  if (ending !== undefined) return ending.toLowerCase() === 'n' ? '\n' : '\r';
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? '';
  if (code === undefined && decimal === undefined) return '';
  const point = code === undefined ? Number(decimal) : Number.parseInt(code, 16);
  return point <= 0x10ffff ? String.fromCodePoint(point) : '';
}

function unfinishedLength(text: string): number {
  return UNFINISHED_ESCAPE.exec(text.slice(-LONGEST_UNFINISHED))?.[0].length ?? 0;
}
