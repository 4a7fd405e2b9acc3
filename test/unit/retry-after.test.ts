import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_RETRY_AFTER_SECONDS, parseRetryAfter } from '../../src/http/retry-after.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['120', 120],
    [' 7 ', 7],
    ['99999999999999999999', LONGEST_RETRY_AFTER_SECONDS],
    ['9'.repeat(400), LONGEST_RETRY_AFTER_SECONDS],
    ['4294967296', LONGEST_RETRY_AFTER_SECONDS],
    ['Fri, 31 Dec 9999 23:59:59 GMT', LONGEST_RETRY_AFTER_SECONDS],
    ['Sun, 06 Nov 1994 08:51:37 GMT', 120],
    ['Sunday, 06-Nov-94 08:50:37 GMT', 60],
    ['Sun Nov  6 08:49:38 1994', 1],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
    ['Tue, 01 Jan 1980 00:00:00 GMT', 0],
  ])('reads %s as %d seconds', (header, seconds) => {
    expect(parseRetryAfter(header, 429, NOW)).toBe(seconds);
  });

  it.each([
    '',
    ' ',
    '-1',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    '5s',
    '5, 10',
    'soon',
    'Infinity',
    'NaN',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 25:00:00 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    '1994-11-06T08:49:37Z',
    'Foo, 06 Nov 1994 08:49:37 GMT',
  ])('ignores %j', (header) => {
    expect(parseRetryAfter(header, 429, NOW)).toBeNull();
  });

  it('counts only on 429 and 503, and needs a header', () => {
    expect(parseRetryAfter('5', 503)).toBe(5);
    for (const status of [200, 301, 400, 413, 500, 502, 504]) expect(parseRetryAfter('5', status)).toBeNull();
    expect(parseRetryAfter(undefined, 429)).toBeNull();
  });

  it('takes a two-digit year more than 50 years ahead for the past century', () => {
    const now = Date.UTC(2030, 0, 1);
    expect(parseRetryAfter('Wednesday, 01-Jan-31 00:00:00 GMT', 429, now)).toBe(365 * 86_400);
    expect(parseRetryAfter('Thursday, 01-Jan-81 00:00:00 GMT', 429, now)).toBe(0);
  });

  it('reads back every date within a year that it is given, rounded up to seconds', () => {
    const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(instant, instant, (at, now) => {
        const header = new Date(at).toUTCString();
        const seconds = Math.max(0, Math.ceil((Math.floor(at / 1000) * 1000 - now) / 1000));
        expect(parseRetryAfter(header, 503, now)).toBe(Math.min(seconds, LONGEST_RETRY_AFTER_SECONDS));
      }),
    );
  });

  it('gives null or a whole number of seconds up to a year for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.bigInt({ min: 0n }).map(String)), (header) => {
        const seconds = parseRetryAfter(header, 429);
        expect(seconds === null || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 31_536_000)).toBe(
          true,
        );
      }),
    );
  });
});
