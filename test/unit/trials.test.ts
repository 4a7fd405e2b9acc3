/** What is said of an attempt at an endpoint that is being made. */
import { describe, expect, it } from 'vitest';
import { inWords, type Attempted } from '../../src/dispatch/in-words.ts';
import { ERROR_CLASSES } from '../../src/error-classes.ts';

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
