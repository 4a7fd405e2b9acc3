import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NumberTooLarge } from '../../src/json.ts';
import { parseJson } from '../../src/json.ts';

const rewritten = (text: string): string => JSON.stringify(parseJson(text));

describe('JSON that is read and written again', () => {
  it.each([
    '9007199254740993',
    '-12345678901234567890',
    '123456789012345678901234567890.5',
    '0.1000000000000000055511151231257827',
    '1e-400',
    '{"id":9223372036854775807,"list":[1,0.30000000000000004],"text":"9007199254740993"}',
    '{"__proto__":{"n":18446744073709551615}}',
    `[${'1'.repeat(300)}]`,
    `0.${'0'.repeat(100_000)}1`,
  ])('keeps every digit: %.60s', (text) => {
    expect(rewritten(text)).toBe(text);
  });

  it('writes numbers that a double holds as JavaScript does', () => {
    expect(rewritten('[1.0,1e3,0.10,-0,1E+2,100000000000000000000,1.50000000000000000000]')).toBe(
      '[1,1000,0.1,0,100,100000000000000000000,1.5]',
    );
  });

  it('has the value it had, to the last digit', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 40 });
    const number = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits,
        fc.option(digits),
        fc.option(fc.integer({ min: -250, max: 250 })),
      )
      .map(([sign, whole, fraction, exponent]) =>
        [
          sign,
          BigInt(whole),
          fraction === null ? '' : `.${fraction}`,
          exponent === null ? '' : `e${exponent}`,
        ].join(''),
      );
    fc.assert(
      fc.property(number, (text) => exact(rewritten(text)) === exact(text)),
      { numRuns: 2_000 },
    );
  });

  it('is what JSON.parse makes of it otherwise', () => {
    const value = fc.jsonValue({ depthSize: 'medium' });
    fc.assert(fc.property(value, (json) => rewritten(JSON.stringify(json)) === JSON.stringify(json)));
  });
});

it('a number beyond all others is refused, and named', () => {
  const path = (text: string) => {
    try {
      parseJson(text);
    } catch (error) {
      return (error as NumberTooLarge).path;
    }
    return null;
  };
  expect(path('{"a":[{"b":1},-1e400]}')).toEqual(['a', 1]);
  expect(path(`[${'9'.repeat(310)}]`)).toEqual([0]);
  expect(path('"1e400"')).toBeNull();
});

it('a number of which its key came again counts for nothing', () => {
  expect(rewritten('{"n":1e400,"n":1}')).toBe('{"n":1}');
  expect(rewritten('{"n":1.00000000000000001,"n":1}')).toBe('{"n":1}');
  expect(rewritten('{"a":{"n":9007199254740993},"a":{"n":9007199254740995,"m":1}}')).toBe(
    '{"a":{"n":9007199254740995,"m":1}}',
  );
  expect(rewritten('{"a":{"length":1e400},"a":[7]}')).toBe('{"a":[7]}');
});

describe('as a reader that is asked about every value', () => {
  const number = fc.constantFrom(
    ...[
      '9007199254740993',
      '9007199254740992',
      '1.00000000000000001',
      '1',
      '-12345678901234567890',
      '1.5e-40',
    ],
    ...[
      '1e400',
      '-1e400',
      '1E+300',
      '0.10',
      '1.50000000000000000000',
      '0123456789012345678',
      '--12345678901234567',
    ],
  );
  const text = fc.constantFrom('"9007199254740993"', '"\\\\"', '"\\"1234567890123456789"', 'null');
  const key = fc.constantFrom('"n"', '"\\u006e"', '"0"', '"__proto__"', '"length"', '"x\\"y"', ' "n" ');
  const { document } = fc.letrec<Record<'document' | 'list' | 'object', string>>((tie) => ({
    document: fc.oneof({ maxDepth: 5 }, number, text, tie('list'), tie('object')),
    list: fc.array(tie('document'), { maxLength: 4 }).map((members) => `[${members.join(' ,')}]`),
    object: fc
      .array(fc.tuple(key, tie('document')), { maxLength: 4 })
      .map((members) => `{${members.map((member) => member.join(':')).join(', ')}}`),
  }));
  const edit = fc.tuple(fc.nat(), fc.constantFrom('', '"', ',', '}', ']', '-', '1', '.', '+', '\\'));
  const edited = fc
    .tuple(document, fc.option(edit))
    .map(([json, cut]) =>
      cut ? json.slice(0, cut[0] % json.length) + cut[1] + json.slice(cut[0] % json.length) : json,
    );

  it('it takes and refuses the same texts, and reads them as the same', () => {
    fc.assert(
      fc.property(edited, (json) => outcome(parseJson, json) === outcome(parseWithReviver, json)),
      { numRuns: 20_000 },
    );
  });
});

describe('does no work for what keeps its value', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** Texts that are parsed, keys among them, and values that a reviver sees. */
  function workFor(text: string): { parsed: number; revived: number } {
    const spy = vi.spyOn(JSON, 'parse');
    parseJson(text);
    const revived = spy.mock.calls.filter(([, reviver]) => reviver !== undefined).length;
    const work = { parsed: spy.mock.calls.length, revived };
    spy.mockRestore();
    return work;
  }
  const ones = `[${'1,'.repeat(500_000)}1]`;

  it.each([
    ['long digits within text', `{"card":"9007199254740993","list":${ones}}`, 1],
    ['a long number beside short ones', `{"id":9007199254740993,"list":${ones}}`, 2],
    ['a long number that a double holds', `{"id":0.30000000000000004,"list":${ones}}`, 1],
    [
      'many keys',
      `{"id":9007199254740993,${Array.from({ length: 10_000 }, (_, n) => `"k${n}":1`).join()}}`,
      2,
    ],
    [
      'long numbers far inside',
      `${'{"a":'.repeat(200)}[${'9007199254740993,'.repeat(10_000)}1]${'}'.repeat(200)}`,
      1 + 200,
    ],
  ])('%s', (_what, text, parsed) => {
    expect(workFor(text)).toEqual({ parsed, revived: 0 });
  });
});

it('a text too deep for recursion', () => {
  const deep = `${'['.repeat(100_000)}9007199254740993${']'.repeat(100_000)}`;
  let value = parseJson(deep);
  while (Array.isArray(value)) value = (value as unknown[])[0];
  expect(JSON.stringify(value)).toBe('9007199254740993');
});

it('more long numbers than it would look at in a second are refused', () => {
  expect(() => parseJson(`[${'1e100,'.repeat(1_000_001)}1]`)).toThrow(RangeError);
});

function outcome(read: (text: string) => unknown, text: string): string {
  try {
    return JSON.stringify(read(text));
  } catch (error) {
    return (error as Error).name;
  }
}

/** The plain way to do it. */
function parseWithReviver(text: string): unknown {
  const { parse, rawJSON } = JSON as unknown as {
    parse(
      text: string,
      revive: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): unknown;
  };
  const value = parse(text, (_key, read, { source }) => {
    if (typeof read !== 'number' || source === undefined || !Number.isFinite(read)) return read;
    return exact(source) === exact(String(read)) ? read : rawJSON(source);
  });
  if (hasInfinity(value)) throw Object.assign(new Error(), { name: 'NumberTooLarge' });
  return value;
}

function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity);
}

/** Numerator over a power of ten far below every exponent here. */
function exact(text: string): bigint {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  return BigInt(`${whole}${fraction}`) * 10n ** BigInt(1_000 + Number(exponent) - fraction.length);
}
