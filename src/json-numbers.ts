/**
 * Finds the numbers of a JSON text that JavaScript changes when it reads them, and where they are: in one pass over the
 * text, since a reviver for JSON.parse would be called for every value, and takes ten times as long as the parsing.
 */

export interface InexactNumber {
  source: string;
  start: number;
  container: Container;
  member: Place;
}

/** An array or an object, and which member of it is being read. */
interface Container {
  /** Null: this stands for the whole text, whose value is its member. */
  parent: Container | null;
  /** Of this one in its parent. */
  place: Place;
  isArray: boolean;
  member: Place;
  /** What was made of it, once it has been asked for. Null: nothing, since its key came again. */
  value?: Members | null;
}

/** An index; in an object, where its key begins in the text. */
type Place = number;
type Members = Record<string | number, unknown>;

/** Sixteen digits, or three in the exponent: only then can a number have been changed. */
const SUSPECT = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;
const SUSPECT_CHARS = 16;
const SUSPECT_EXPONENT_CHARS = 4;
/** Each takes a microsecond. 16 MiB do not hold as many of sixteen digits. */
const MAX_SUSPECTS = 1_000_000;
const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** There is only one way to write a number so. */
const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;
/** No double needs as many characters, so a number of more is not compared with one. */
const MAX_COMPARED = 400;

/** In their order. Of what is no JSON, it finds something or nothing. Throws RangeError when there are too many. */
export function findInexact(text: string): InexactNumber[] {
  const found: InexactNumber[] = [];
  if (!SUSPECT.test(text)) return found;
  let container: Container = { parent: null, place: 0, isArray: true, member: 0 };
  let key: Place = 0;
  let suspects = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    switch (char) {
      case '"':
        key = at;
        at = endOfString(text, at);
        break;
      case ':':
        container.member = key;
        break;
      case ',':
        if (container.isArray) container.member += 1;
        break;
      case '[':
      case '{':
        container = { parent: container, place: container.member, isArray: char === '[', member: 0 };
        break;
      case ']':
      case '}':
        container = container.parent ?? container;
        break;
      default: {
        const { end, isSuspect } = skimNumber(text, at);
        if (isSuspect) {
          suspects += 1;
          if (suspects > MAX_SUSPECTS)
            throw new RangeError(
              `holds more than ${MAX_SUSPECTS} numbers of 16 digits, or 3 in the exponent`,
            );
          const source = text.slice(at, end);
          if (!NUMBER.test(source)) return [];
          if (isChanged(source)) found.push({ source, start: at, container, member: container.member });
        }
        at = Math.max(at, end - 1);
      }
    }
  }
  return found;
}

/** Of the quote that closes it; of the text, if none does. */
function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at === -1 ? text.length : at;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}

/** Where the characters of a number end that begins at `start`: there at once if none does. */
function skimNumber(text: string, start: number): { end: number; isSuspect: boolean } {
  let exponent = Infinity;
  let end = start;
  for (; end < text.length; end += 1) {
    const char = text.charCodeAt(end);
    const isDigit = char >= 0x30 && char <= 0x39;
    if (char === 0x65 || char === 0x45) exponent = end;
    else if (!isDigit && char !== 0x2d && char !== 0x2b && char !== 0x2e) break;
  }
  return { end, isSuspect: end - start >= SUSPECT_CHARS || end - exponent >= SUSPECT_EXPONENT_CHARS };
}

function isChanged(source: string): boolean {
  const read = Number(source);
  const written = String(read);
  if (source === written) return false;
  if (!Number.isFinite(read) || source.length > MAX_COMPARED) return true;
  if (PLAIN.test(source) && PLAIN.test(written)) return true;
  return decimal(source) !== decimal(written);
}

/** Digits without zeros at either end, and the power of ten: the same for every way to write a number. */
function decimal(text: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] = NUMBER.exec(text)!;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** The text with infinite numbers in their places: no other number is read as one. What was no JSON still is none. */
export function withoutInexact(text: string, numbers: InexactNumber[]): string {
  let result = '';
  let end = 0;
  for (const { source, start } of numbers) {
    result += text.slice(end, start);
    result += source.startsWith('-') ? '-1e999' : '1e999';
    end = start + source.length;
  }
  return result + text.slice(end);
}

/** Puts them into `parsed`, which was made of {@link withoutInexact}. */
export function putInexact(
  parsed: unknown,
  text: string,
  numbers: InexactNumber[],
  make: (number: InexactNumber) => unknown,
): unknown {
  const whole: Members = { 0: parsed };
  // From the last to the first: of equal keys the last is the one that was read.
  for (const number of numbers.toReversed()) {
    const { container, member } = number;
    const members = container.parent === null ? whole : membersOf(container, text, whole);
    const key = nameOf(container, member, text);
    if (members && Object.hasOwn(members, key) && isInfinite(members[key])) members[key] = make(number);
  }
  return whole[0];
}

/** Not by recursion: only memory bounds the depth of a text. */
function membersOf(container: Container, text: string, whole: Members): Members | null {
  const unknown: Container[] = [];
  let inner: Container = container;
  while (inner.value === undefined && inner.parent !== null) {
    unknown.push(inner);
    inner = inner.parent;
  }
  let members: Members | null = inner.parent === null ? whole : inner.value!;
  for (const each of unknown.reverse()) {
    const key = nameOf(each.parent!, each.place, text);
    const value: unknown = members && Object.hasOwn(members, key) ? members[key] : null;
    members = typeof value === 'object' ? (value as Members | null) : null;
    each.value = members;
  }
  return members;
}

/** Keys and indexes, from the outside in. */
export function pathOf({ container, member }: InexactNumber, text: string): (string | number)[] {
  const path: (string | number)[] = [];
  let place = member;
  for (let inner = container; inner.parent !== null; inner = inner.parent) {
    path.push(nameOf(inner, place, text));
    place = inner.place;
  }
  return path.reverse();
}

function nameOf({ isArray }: Container, place: Place, text: string): string | number {
  return isArray ? place : (JSON.parse(text.slice(place, endOfString(text, place) + 1)) as string);
}

const isInfinite = (value: unknown): boolean => value === Infinity || value === -Infinity;
