/** What the dashboard makes of texts that strangers have written. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { curlOf } from '../../web/pages/deliveries/curl.ts';
import { indented } from '../../web/ui/indented.ts';
import { tokensOf } from '../../web/ui/tokens.ts';

it('indents JSON without reading it, and no deeper than anyone can read', () => {
  expect(indented('{"a":[1,2.50],"b":{}}')).toBe('{\n  "a": [\n    1,\n    2.50\n  ],\n  "b": {}\n}');
  const deep = indented('['.repeat(20_000) + ']'.repeat(20_000));
  expect(deep.length).toBeLessThan(20_000 * 2 * 90);
});

it('looks at a string that never ends once, not once from each of its quotes', () => {
  const hostile = `["${'\\"'.repeat(200_000)}`;
  const startedAt = performance.now();
  indented(hostile);
  tokensOf(hostile);
  // From every quote anew it would be minutes.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

it('has an element for some thousand parts of a text at most, whatever it is made of', () => {
  const texts = [
    `[${'0,'.repeat(500_000)}0]`,
    `{"a":[${'{"":0},'.repeat(100_000)}0]}`,
    JSON.stringify({ a: '\u202e'.repeat(300_000) }),
    '\u200bx'.repeat(300_000),
    JSON.stringify(Array.from({ length: 100_000 }, () => 'a\u202eb')),
  ];
  for (const text of texts) {
    const tokens = tokensOf(text);
    expect(tokens.length).toBeLessThan(20_000);
    // And nothing is missing, or hidden.
    const hidden = text.split(/[\u202e\u200b]/).length - 1;
    expect(tokens.map((token) => token.text).join('').length).toBe(text.length + 5 * hidden);
  }
});

it('a command to paste has for arguments what was sent, and runs nothing else', () => {
  const request = { method: 'POST', url: `http://h/'$(x)[1-9]`, headers: { 'X-A': `a\\'; touch y; '` } };
  const delivery = { attempts: [{ number: 1, request }], request_body: `@/etc/passwd'\\` };
  const command = curlOf(delivery);
  const script = `curl() { printf '%s\\0' "$@"; }; ${command}`;
  const given = execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1);
  const header = `X-A: ${request.headers['X-A']}`;
  expect(given).toEqual([
    '-i',
    '--globoff',
    '-X',
    'POST',
    request.url,
    '-H',
    header,
    '--data-raw',
    delivery.request_body,
  ]);
});
