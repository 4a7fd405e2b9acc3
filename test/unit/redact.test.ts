/** How receivers write what they were sent, and what is left of it in the log. */
import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointAuth, HttpResult } from '../../src/domain.ts';
import { NO_TIMING } from '../../src/http/timing.ts';
import { redacted } from '../../src/dispatch/redact.ts';

const TOKEN = `tok+EN/with&<html>"quote'sAbCdEf0123 ü😀`;
const bearer: EndpointAuth = { type: 'bearer', token: TOKEN };

const endpointWith = (settings: Partial<Endpoint>) =>
  ({
    auth: null,
    headers: {},
    secret: 'x'.repeat(64),
    previousSecrets: [],
    ...settings,
  }) as unknown as Endpoint;

function kept(settings: Partial<Endpoint>, body: string, answer: Partial<HttpResult> = {}): string {
  const result: HttpResult = {
    statusCode: 500,
    error: null,
    remark: null,
    timedOut: false,
    durationMs: 1,
    timing: NO_TIMING,
    responseHeaders: {},
    responseBody: body,
    responseBodyBytes: Buffer.byteLength(body),
    retryAfterSeconds: null,
    ...answer,
  };
  return redacted(endpointWith(settings), result).responseBody;
}

const everyUnit = (write: (code: number) => string) => (text: string) =>
  text
    .split('')
    .map((unit) => (/[a-z0-9]/i.test(unit) ? unit : write(unit.charCodeAt(0))))
    .join('');
const hex4 = (code: number) => code.toString(16).padStart(4, '0');
const html = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('+', '&#43;');
const percentLower = (text: string) =>
  encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase());
const json = (text: string) => JSON.stringify(text).slice(1, -1);

const SPELLINGS: Record<string, (text: string) => string> = {
  'as it was sent': (text) => text,
  'in capitals': (text) => text.toUpperCase(),
  'in small letters': (text) => text.toLowerCase(),
  'JSON in capitals': (text) => json(text).toUpperCase(),
  JSON: json,
  'JSON with escaped slashes': (text) => json(text).replaceAll('/', '\\/'),
  'JSON with every sign escaped': everyUnit((code) => `\\u${hex4(code)}`),
  'JSON with every sign escaped in capitals': everyUnit((code) => `\\u${hex4(code).toUpperCase()}`),
  'JSON in JSON': (text) => json(json(text)),
  'JSON in JSON with every sign escaped': (text) => json(everyUnit((code) => `\\u${hex4(code)}`)(text)),
  'a URL': encodeURIComponent,
  'a URL in lower case': percentLower,
  'a URL in a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  'a form': (text) => new URLSearchParams({ t: text }).toString().slice(2),
  'every byte as in URLs': (text) => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&'),
  HTML: html,
  'HTML in HTML': (text) => html(html(text)),
  'HTML with hexadecimal references': (text) =>
    [...text].map((c) => (/[a-z0-9]/i.test(c) ? c : `&#x${c.codePointAt(0)!.toString(16)};`)).join(''),
  'JSON in HTML': (text) => html(json(text)),
};

const inLines = (text: string, length: number, ending: string): string =>
  text.match(new RegExp(`.{1,${length}}`, 'g'))!.join(ending);

/** As what wraps a whole request writes it: with something before and behind. */
const ENCODINGS: Record<string, (text: string) => string> = {
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex in capitals': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'base64 in lines': (text) => inLines(Buffer.from(text).toString('base64'), 19, '\r\n'),
  'hex in lines': (text) => inLines(Buffer.from(text).toString('hex'), 12, '\n'),
  'hex with spaces': (text) => inLines(Buffer.from(text).toString('hex'), 2, ' '),
  'hex with colons in capitals': (text) => inLines(Buffer.from(text).toString('hex').toUpperCase(), 2, ':'),
  'hex in groups': (text) => inLines(Buffer.from(text).toString('hex'), 4, ', '),
  'base64 twice': (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
  'base64 twice, for URLs': (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64url'),
  'hex in base64': (text) => Buffer.from(Buffer.from(text).toString('hex')).toString('base64'),
};

describe.each(Object.entries(ENCODINGS))('a secret in an answer that is %s is taken out', (_name, encode) => {
  const once = (text: string) =>
    [...text.matchAll(/[\w+/-]+/g)]
      .flatMap(([run]) => [0, 1, 2, 3].map((at) => Buffer.from(run.slice(at), 'base64').toString('latin1')))
      .concat(
        [...text.replaceAll(/[ :,]/g, '').matchAll(/(?:[0-9a-f]{2})+/gi)].map(([run]) =>
          Buffer.from(run, 'hex').toString('latin1'),
        ),
      )
      .join('\n');
  const decoded = (text: string) => `${once(text)}\n${once(once(text))}`.toLowerCase();

  it.each(['', '.', '..', '...', 'authorization: bearer '])('behind %j', (before) => {
    for (const secret of [TOKEN, 'k3y-9f8e', 's'.repeat(9) + '~'.repeat(200)]) {
      const settings = secret === TOKEN ? { auth: bearer } : { headers: { 'X-Thing': secret } };
      for (const wrap of [
        (text: string) => `it was ${text} and no other`,
        (text: string) => JSON.stringify({ it: text, a: 'b' }).replaceAll('/', '\\/'),
        encodeURIComponent,
      ]) {
        const left = kept(settings, wrap(encode(`${before}${secret} behind`)));
        expect(left).toContain('[redacted]');
        for (let n = 0; n + 4 <= secret.length; n += 1)
          expect(decoded(left)).not.toContain(
            Buffer.from(secret.slice(n, n + 4))
              .toString('latin1')
              .toLowerCase(),
          );
      }
      const alone = kept(settings, `it was ${encode(secret)} and no other, %41`);
      expect(alone.replace(/=+/, '')).toBe('it was [redacted] and no other, %41');
    }
  });

  it('also where nothing else is in the answer', () => {
    for (const secret of [TOKEN, 'k3y-9f8e', 's'.repeat(48)])
      for (const signing of [null, secret]) {
        const headers: Record<string, string> = signing === null ? { 'X-Thing': secret } : {};
        const alone = kept({ headers, secret: signing }, encode(secret));
        expect(alone.replace(/=+$/, '')).toBe('[redacted]');
      }
  });

  it('also where the body broke off within it', () => {
    const whole = `before ${encode(TOKEN)}`;
    for (let length = 16; length < whole.length; length += 1)
      expect(kept({ auth: bearer }, whole.slice(0, length), { remark: 'broke off' }).replace(/=+$/, '')).toBe(
        'before [redacted]',
      );
  });
});

describe('a secret in an answer is taken out', () => {
  it.each(Object.entries(SPELLINGS))('as %s', (_name, spell) => {
    const written = spell(TOKEN);
    expect(kept({ auth: bearer }, `before ${written} after`)).toBe('before [redacted] after');
    // Beside other escapes, and more than once.
    expect(kept({ auth: bearer }, `a\\n%20${written}&amp;${written}\\"}`)).toBe(
      'a\\n%20[redacted]&amp;[redacted]\\"}',
    );
  });

  it.each(Object.entries(SPELLINGS))('as %s, when the body broke off within it', (_name, spell) => {
    const written = spell(TOKEN);
    for (let length = written.length - 1; length > written.length / 2; length--)
      expect(kept({ auth: bearer }, `before ${written.slice(0, length)}`, { remark: 'broke off' })).toBe(
        'before [redacted]',
      );
  });

  it('behind a scheme in a header of its own', () => {
    for (const value of ['Token k3y-9f8e7d6c5b4a', 'Token token="k3y-9f8e7d6c5b4a"'])
      expect(kept({ headers: { 'X-Thing': value } }, 'invalid api key k3y-9f8e7d6c5b4a.')).toBe(
        'invalid api key [redacted].',
      );
  });

  it('as the decoded password, short as it may be unless it is a word', () => {
    const basic = (password: string) => ({ auth: { type: 'basic', username: 'svc', password } as const });
    expect(kept(basic('hunter2'), 'no such user svc:hunter2')).toBe('no such user [redacted]');
    expect(kept(basic('hunter2'), 'hunter2 is wrong')).toBe('[redacted] is wrong');
    expect(kept(basic('secret'), 'svc:secret is not the secret')).toBe('[redacted] is not the secret');
    expect(kept(basic('123456'), 'took 123456 us')).toBe('took 123456 us');
  });

  it('also where one secret begins within another', () => {
    const headers = { 'X-A': 'abcdefgh', 'X-B': 'efghijkl' };
    expect(kept({ headers }, '<abcdefghijkl>')).toBe('<[redacted]>');
  });
});

it('an answer without secrets is kept as it is, escapes and all', () => {
  const body = '{"a":"\\u003c\\\\ %41 %zz &amp; &nosuch; &#99999999; \\x4 100%","secrets":"live"}';
  expect(kept({ auth: bearer, headers: { 'X-Mode': 'live' } }, body)).toBe(body);
});

it('a body that came to its end may end like the beginning of a secret', () => {
  expect(kept({ headers: { 'X-Customer': 'customer-4711' } }, 'unknown customer')).toBe('unknown customer');
});

it('no secrets and answers, however alike, take long to compare', () => {
  const value = (i: number) => `${'a'.repeat(1000)}${String.fromCharCode(65 + i)}"/${'a'.repeat(995)}`;
  const headers = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`X-${i}`, value(i)]));
  const startedAt = performance.now();
  expect(kept({ headers }, 'a'.repeat(65_536))).toBe('[redacted]');
  expect(kept({ headers }, '\\"a'.repeat(21_845))).not.toContain('[redacted]');
  // An ordinary search takes more than five seconds for the first alone.
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

it('no number of headers that are alike takes long to compare', () => {
  const alike = (count: number, length: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 'a'.repeat(length + i)]));
  const startedAt = performance.now();
  kept({ headers: alike(30, 1_960) }, 'a%61'.repeat(16_384), { responseHeaders: alike(80, 190) });
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

it('no answer takes long that is base64 of what is alike, or hex with something between its bytes', () => {
  const headers = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x-${i}`, 'a'.repeat(1_960 + i)]));
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const bodies = [base64(base64('a'.repeat(36_000))), '61 '.repeat(21_840), base64('61 '.repeat(16_300))];
  const startedAt = performance.now();
  for (const body of bodies) expect(kept({ headers }, body)).toMatch(/^\[redacted\]/);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

it('times, dates and numbers with something between them are kept as they are', () => {
  const body = '2026-05-17 12:34:56 de:ad:be:ef 10, 20, 30\nY2FmZQ== 0x10 0x20 caf\u00e9 ab';
  expect(kept({ auth: bearer }, body)).toBe(body);
});

it('a secret that is encoded over and over in one run does not take long to mask', () => {
  const secret = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL';
  const settings = { headers: { 'X-Key': secret } };
  const body = Buffer.from(secret.repeat(680)).toString('hex');
  const startedAt = performance.now();
  expect(kept(settings, body)).toBe('[redacted]');
  expect(kept(settings, `<${body}|${body.slice(0, 200)}>`)).toBe('<[redacted]|[redacted]>');
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});
