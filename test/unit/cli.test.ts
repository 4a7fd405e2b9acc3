/** The command line as it is read, and what is made of it for people, scripts and shells. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completions } from '../../src/cli/complete.ts';
import { checkApi } from '../../src/cli/doctor/api.ts';
import type { Report } from '../../src/cli/doctor/report.ts';
import { createWatch } from '../../src/cli/delivery/watch.ts';
import { failureOf, failureText, secretsOf } from '../../src/cli/errors.ts';
import { examplesIn } from '../../src/cli/examples.ts';
import { EXIT } from '../../src/cli/exit.ts';
import { fieldsOf } from '../../src/cli/fields.ts';
import { shownBody, SHOWN_CHARS } from '../../src/cli/listen/body.ts';
import { parseExact } from '../../src/exact-json.ts';
import { createOutput, jsonText, wantsColor } from '../../src/cli/output.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { Run } from '../../src/cli/run.ts';
import { positiveNumber, readObject, time, timeAhead, wholeNumber } from '../../src/cli/values.ts';
import { PosthornApiError } from '../../src/sdk/client/index.ts';

const program = createProgram();
const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
const commands = allOf(program);
const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : '';

/** As a shell splits it, as far as the examples go. */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((found) => found[1] ?? found[2] ?? found[3]!);

describe('help', () => {
  it.each(commands.filter((one) => one.commands.length === 0).map((one) => [pathOf(one), one] as const))(
    'of "posthorn %s" says what it is for, and has examples',
    (path, command) => {
      expect(command.description()).toMatch(/\S/);
      expect(examplesIn(command).length).toBeGreaterThan(0);
      for (const { command: text } of examplesIn(command)) expect(text.startsWith(path), text).toBe(true);
    },
  );

  it('has examples that can be read: their commands, options and choices are there', async () => {
    for (const { command: text } of commands.flatMap(examplesIn)) {
      const seen: string[] = [];
      const fresh = createProgram();
      for (const one of allOf(fresh)) one.action(() => void seen.push(pathOf(one)));
      const words = wordsOf(text.replace(/ >>? \S+$/, ''));
      await fresh.parseAsync(words, { from: 'user' });
      expect(seen, text).toHaveLength(1);
    }
  });
});

describe('completion', () => {
  it.each<[string[], string[]]>([
    [['endp'], ['endpoints']],
    [['endpoints', 'cr'], ['create']],
    [['deliveries', 'list', '--sta'], ['--status']],
    [['--tenant', 'deliveries', 'replays', 'pa'], ['pause']],
    [
      ['replay', 'ep_1', '--kind', ''],
      ['failed', 'all', 'missing'],
    ],
    [['replay', 'ep_1', '--kind=all', '--per'], ['--per-second']],
    [['completion', 'f'], ['fish']],
    [['endpoints', 'show', ''], []],
  ])('of %j offers %j', (words, offered) => {
    expect(completions(program, words)).toEqual(offered);
  });

  it('takes whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('endpoints', '--kind', '-n', '--', 'tail'))),
        (words) => {
          expect(Array.isArray(completions(program, words))).toBe(true);
        },
      ),
    );
  });
});

describe('values', () => {
  const now = Date.parse('2026-05-17T12:00:00Z');

  it('of times are taken as they stand, or so long ago', () => {
    expect(time('2026-05-17')).toBe('2026-05-17');
    expect(time('2h', now)).toBe('2026-05-17T10:00:00.000Z');
    expect(time('7d', now)).toBe('2026-05-10T12:00:00.000Z');
    for (const wrong of ['yesterday', '2026-13-45', '7', '-2h'])
      expect(() => time(wrong)).toThrow(/Expected a time/);
    expect(Date.parse(timeAhead('90d'))).toBeGreaterThan(Date.now() + 89 * 86_400_000);
  });

  it('of numbers are bounded', () => {
    expect(wholeNumber(1, 30)('30')).toBe(30);
    for (const wrong of ['0', '31', '1.5', '1e1', '', '-1'])
      expect(() => wholeNumber(1, 30)(wrong)).toThrow();
    expect(positiveNumber('0.5')).toBe(0.5);
    for (const wrong of ['0', '-1', 'Infinity', '1e3']) expect(() => positiveNumber(wrong)).toThrow();
  });

  it('of objects keep every digit, and say what is wrong', () => {
    expect(JSON.stringify(readObject('{"n": 12345678901234567890, "d": 1.10, "e": 1}', 'x'))).toBe(
      '{"n":12345678901234567890,"d":1.10,"e":1}',
    );
    for (const wrong of ['[]', '1', 'null', '{"a"', 'text'])
      expect(() => readObject(wrong, 'the data')).toThrow(/^the data /);
    expect(() => readObject('@/no/such/file', 'the data')).toThrow(/there is no such file/);
  });

  it('of fields are overridden by what is more precise', () => {
    const fields = fieldsOf({ data: '{"a": 1, "b": 1, "c": 1}', set: [['c', null]] }, { b: 2, x: undefined });
    expect(fields).toEqual({ a: 1, b: 2, c: null });
  });
});

describe('errors', () => {
  const problem = (status: number) =>
    new PosthornApiError('GET', 'http://x', { status, code: 'c', title: 't', detail: 'why', errors: [] });

  it.each([
    [404, EXIT.notFound],
    [401, EXIT.notPermitted],
    [403, EXIT.notPermitted],
    [422, EXIT.failed],
    [409, EXIT.failed],
    [429, EXIT.unavailable],
    [503, EXIT.unavailable],
  ])('answered %i end with %i', (status, exitCode) => {
    expect(failureOf(problem(status))).toMatchObject({ exitCode, message: 'why', problem: { status } });
  });

  it('never show a key, wherever it was given', () => {
    const key = 'k3y-of-mine!';
    const env = { POSTHORN_API_KEY: 'k3y-of-the-environment' };
    for (const argv of [['--key', key], [`--key=${key}`], [`--kee=${key}`], [`-k=${key}`]]) {
      const secrets = secretsOf(argv, env);
      for (const asJson of [true, false]) {
        const failure = failureOf(new Error(`refused: ${key} and k3y-of-the-environment`));
        const text = failureText(failure, asJson, secrets);
        expect(text).toContain('refused');
        expect(text).not.toMatch(/k3y-of/);
      }
    }
    expect(secretsOf(['publish', 'ph_0123456789abcdef'], {})).toEqual(['ph_0123456789abcdef']);
  });

  it('show no control characters that others wrote', () => {
    const failure = failureOf(new Error('a\u001b[31mb\u009bc\nd'));
    expect(failureText(failure, false, [])).toBe('posthorn: a\\u{1b}[31mb\\u{9b}c\nd\n');
  });

  it('show what a server answers as one line, that nobody takes for two', () => {
    const detail = 'no\r\nposthorn: \u001b[2Jall is well\u2028';
    const failure = failureOf(
      new PosthornApiError('GET', 'http://x', { status: 400, code: 'c', title: 't', detail, errors: [] }),
    );
    expect(failureText(failure, false, [])).toBe(
      'posthorn: no\\u{d}\\u{a}posthorn: \\u{1b}[2Jall is well\\u{2028}\n',
    );
    expect(JSON.parse(failureText(failure, true, [])).error.problem.detail).toBe(detail);
  });

  it('show why a server is not ready as one line, too', async () => {
    const server = createServer((_, response) => {
      response.writeHead(503).end(JSON.stringify({ reasons: ['full\nok    postgres', 7] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const said: string[] = [];
    const report = { fail: (_: string, message: string) => said.push(message) } as unknown as Report;
    await checkApi(report, { options: { url }, env: {} } as Run<object>, true);
    server.close();
    expect(said).toEqual([`${url} is not ready: full\\u{a}ok    postgres; 7`]);
  });
});

describe('output', () => {
  const printed = (options: { json?: boolean; color?: boolean } = {}) => {
    const lines: string[] = [];
    const push = (text: string) => void lines.push(text);
    const output = createOutput({ json: false, color: false, stdout: push, stderr: () => {}, ...options });
    return { output, text: () => lines.join('') };
  };

  it('lays tables out, without trailing spaces and control characters', () => {
    const { output, text } = printed();
    output.table(
      [
        ['a', 1, null],
        ['long one', 22, 'x\u001b[2Jy'],
      ],
      ['NAME', 'N', 'REST'],
    );
    expect(text()).toBe('NAME      N   REST\na         1\nlong one  22  x\\u{1b}[2Jy\n');
  });

  it('colours only where that is wanted', () => {
    const { output, text } = printed({ color: true });
    output.fields([['status', { text: 'failed', style: 'red' }]]);
    expect(text()).toContain('\u001b[31m');
    expect(wantsColor({}, true)).toBe(true);
    expect(wantsColor({}, false)).toBe(false);
    expect(wantsColor({ NO_COLOR: '1' }, true)).toBe(false);
    expect(wantsColor({ TERM: 'dumb' }, true)).toBe(false);
    expect(wantsColor({ FORCE_COLOR: '1' }, false)).toBe(true);
  });

  it('in JSON is one document, or a line for each', () => {
    const { output, text } = printed({ json: true });
    output.answer({ a: 1 }, () => expect.unreachable());
    output.record({ b: 2 }, () => expect.unreachable());
    expect(text()).toBe('{\n  "a": 1\n}\n{"b":2}\n');
  });

  it('in JSON reads as what it was, and holds nothing that commands a terminal', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        const value = String.fromCharCode(...units);
        const text = jsonText({ value });
        expect(JSON.parse(text)).toEqual({ value });
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe('a received body', () => {
  it('is shown with every digit, and nothing that commands a terminal', () => {
    expect(shownBody(Buffer.from('{"n":12345678901234567890}'))).toBe(
      '  {\n    "n": 12345678901234567890\n  }',
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(shownBody(Buffer.from(bytes))).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it('that is long is cut, and says so', () => {
    const shown = shownBody(Buffer.from(JSON.stringify({ text: 'x'.repeat(10_000) })));
    expect(shown.length).toBeLessThan(SHOWN_CHARS + 200);
    expect(shown).toMatch(/characters more/);
  });

  it('is read without changing a number', () => {
    fc.assert(
      fc.property(fc.bigInt(), (n) => {
        expect(JSON.stringify(parseExact(`{"n":${n}}`))).toBe(`{"n":${n}}`);
      }),
    );
    expect(parseExact('{"__proto__": {"a": 1}, "a"')).toBeUndefined();
  });
});

it('a tail shows each step of a delivery once, and looks after those that are open in turn', () => {
  const one = (id: string, status: string, attempts = 0) => ({ id, status, attempt_count: attempts });
  const watch = createWatch([one('a', 'pending'), one('b', 'succeeded', 1)]);
  expect(watch.isNews(one('b', 'succeeded', 1))).toBe(false);
  expect(watch.isNews(one('a', 'retrying', 1))).toBe(true);
  expect(watch.isNews(one('a', 'retrying', 1))).toBe(false);
  expect(watch.isNews(one('a', 'retrying', 2))).toBe(true);
  for (const id of ['c', 'd']) watch.isNews(one(id, 'pending'));
  expect(watch.longestUnseen(2, [])).toEqual(['a', 'c']);
  expect(watch.longestUnseen(2, [one('d', 'pending')])).toEqual(['a', 'c']);
  expect(watch.isNews(one('a', 'succeeded', 3))).toBe(true);
  watch.forget('c');
  expect(watch.longestUnseen(9, [])).toEqual(['d']);
});
