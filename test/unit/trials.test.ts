/** How much may be tried, and what is said of an attempt. */
import { describe, expect, it } from 'vitest';
import { inWords, type Attempted } from '../../src/dispatch/in-words.ts';
import { createTrialLimits } from '../../src/dispatch/trial-limits.ts';
import { ERROR_CLASSES } from '../../src/error-classes.ts';

const refused = (waitSeconds: number) =>
  expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds: waitSeconds }) as unknown;

describe('trials', () => {
  it('are few at a time, of each tenant and of all', () => {
    const begin = createTrialLimits({ each: 2, all: 3, rate: null });
    const ends = [begin('a'), begin('a')];
    expect(() => begin('a')).toThrow(refused(1));
    begin('b');
    expect(() => begin('b')).toThrow(refused(1));
    for (const end of ends) end();
    const again = begin('b');
    again();
    begin('a');
  });

  it('of a few tenants leave room for the first ones of others', () => {
    const begin = createTrialLimits({ each: 5, all: 100, rate: null });
    let running = 0;
    const takeAll = (tenant: string) => {
      const before = running;
      try {
        for (;;) {
          begin(tenant);
          running += 1;
        }
      } catch (error) {
        expect(error).toMatchObject(refused(1) as object);
        return running - before;
      }
    };
    expect(takeAll('first')).toBe(5);
    const greedy = Array.from({ length: 30 }, (_, n) => takeAll(`greedy ${n}`));
    expect(Math.min(...greedy)).toBeGreaterThan(0);
    expect(takeAll('late')).toBeGreaterThan(0);
    while (takeAll(`more ${running}`) > 0);
    expect(running).toBe(100);
  });

  it('are not many in a minute, and a tenant that waits may go on', () => {
    let nowMs = 1_000_000;
    const begin = createTrialLimits({ each: 9, all: 9, rate: { burst: 3, perMinute: 30 } }, () => nowMs);
    const tryOnce = (tenant: string) => begin(tenant)();
    for (let n = 0; n < 3; n += 1) tryOnce('a');
    expect(() => tryOnce('a')).toThrow(refused(2));
    tryOnce('b');
    nowMs += 2_000;
    tryOnce('a');
    expect(() => tryOnce('a')).toThrow(refused(2));
    nowMs += 3_600_000;
    for (let n = 0; n < 3; n += 1) tryOnce('a');
    // What is refused costs nothing.
    for (let n = 0; n < 5; n += 1) expect(() => tryOnce('a')).toThrow(refused(2));
  });
});

describe('what an attempt came to', () => {
  const attempted = (more: Partial<Attempted>): Attempted => ({
    ...{ statusCode: null, errorClass: null, errorMessage: null, remark: null, durationMs: 34.4 },
    ...more,
  });

  it.each([
    [{ statusCode: 204 }, 'Answered 204 after 34 ms: the endpoint accepts deliveries.'],
    [{ statusCode: 200, durationMs: 0.4, remark: 'its body broke off' }, 'within a millisecond'],
    [{ statusCode: 401, errorClass: 'http' }, 'was reached, but did not accept the request'],
    [{ statusCode: 404, errorClass: 'http' }, 'nothing under this path'],
    [{ statusCode: 410, errorClass: 'http' }, 'gone for good'],
    [{ statusCode: 503, errorClass: 'http' }, 'Its own log'],
    [{ statusCode: 422, errorClass: 'http' }, 'refused the request'],
    [{ statusCode: 301, errorClass: 'redirect' }, 'redirects are not followed'],
    [
      { errorClass: 'timeout', errorMessage: 'timed out after 5 s while waiting for the response' },
      'answer first and work afterwards',
    ],
    [{ errorClass: 'timeout', errorMessage: 'timed out after 5 s while connecting' }, 'firewall'],
    [{ errorClass: 'connection', errorMessage: 'connection refused' }, 'Does a server listen there'],
  ] as [Partial<Attempted>, string][])('%j: %s', (more, words) => {
    expect(inWords(attempted(more))).toContain(words);
  });

  it('is whole sentences, whatever went wrong', () => {
    for (const errorClass of ERROR_CLASSES)
      for (const statusCode of [400, 401, 404, 405, 410, 413, 429, 500, 302])
        expect(inWords(attempted({ errorClass, statusCode, errorMessage: 'So it was' }))).toMatch(
          /^[A-Z].*[a-z][.?]?$/,
        );
  });
});
