/** Whatever a receiver answers, its attempt is in the log and its delivery goes on. */
import fc from 'fast-check';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { startTcp } from '../support/sender-fixtures.ts';
import { until } from '../support/until.ts';

const rig = useRig({ POSTHORN_ENV: 'development' });

interface Answer {
  status: string;
  headers: [string, string][];
  body: Buffer;
  framing: 'length' | 'wrong length' | 'chunked' | 'none';
  before: string;
  pieces: number;
  delayMs: number;
  then: 'stay' | 'end' | 'reset' | 'another answer' | 'rubbish';
}

const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
  maxLength: 40,
});
const status = fc.oneof(
  fc.integer({ min: 100, max: 999 }).map(String),
  fc.constantFrom('200', '204', '429', '503', '304', '410', '100', '101', '000', '-1', '99999', ''),
);
const retryAfter = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom(
    '4294967296',
    '1e400',
    'NaN',
    '-1',
    '0.5',
    'Fri, 31 Dec 9999 23:59:59 GMT',
    'Thu, 01 Jan 0000 00:00:00 GMT',
  ),
  latin1,
);
const header = fc.oneof(
  fc.tuple(fc.constant('Retry-After'), retryAfter),
  fc.tuple(fc.constant('Content-Length'), fc.bigInt({ min: -5n, max: 2n ** 70n }).map(String)),
  fc.tuple(
    fc.constantFrom('X', '__proto__', 'constructor', 'Set-Cookie2', 'Location', 'Keep-Alive', 'Connection'),
    latin1,
  ),
  fc.tuple(latin1, latin1),
);
const wild: fc.Arbitrary<Answer> = fc.record({
  status,
  headers: fc.array(header, { maxLength: 4 }),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      Buffer.alloc(70_000, 0),
      Buffer.from('\u{1f30d}'.repeat(100)).subarray(1),
      Buffer.from('\\u0000\\ud800'),
    ),
  ),
  framing: fc.constantFrom('length', 'wrong length', 'chunked', 'none'),
  before: fc.constantFrom(
    '',
    '',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 103 Hints\r\na: b\r\n\r\n',
    '\r\n',
    '\0',
  ),
  pieces: fc.constantFrom(1, 1, 2, 5),
  delayMs: fc.constantFrom(0, 0, 0, 20, 2_000),
  then: fc.constantFrom('stay', 'end', 'reset', 'another answer', 'rubbish'),
});

/** What a parser lets through, so that what it says goes all the way. */
const plausible: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom('200', '429', '503'),
  headers: fc.tuple(fc.tuple(fc.constant('Retry-After'), retryAfter)),
  body: fc.constantFrom(Buffer.alloc(0), Buffer.alloc(70_000, 0), Buffer.from('\\u0000\\ud800')),
  framing: fc.constantFrom('length', 'chunked'),
  before: fc.constant(''),
  pieces: fc.constant(1),
  delayMs: fc.constant(0),
  then: fc.constant('stay'),
});
const answer = fc.oneof(wild, plausible);

function bytesOf({ status: code, headers, body, framing, before }: Answer): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  if (framing === 'length') lines.push(`content-length: ${body.length}`);
  if (framing === 'wrong length') lines.push(`content-length: ${body.length + 7}`);
  if (framing === 'chunked') lines.push('transfer-encoding: chunked');
  const head = `${before}HTTP/1.1 ${code} Whatever\r\n${lines.join('\r\n')}${lines.length > 0 ? '\r\n' : ''}\r\n`;
  const chunk = (text: string) => Buffer.from(text, 'latin1');
  const framed =
    framing === 'chunked' ? [chunk(`${body.length.toString(16)}\r\n`), body, chunk('\r\n0\r\n\r\n')] : [body];
  return Buffer.concat([chunk(head), ...framed]);
}

function play(socket: Socket, given: Answer): void {
  const bytes = bytesOf(given);
  const size = Math.ceil(bytes.length / given.pieces);
  const pieces = Array.from({ length: given.pieces }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  const next = () => {
    const piece = pieces.shift();
    if (piece !== undefined) {
      socket.write(piece);
      setTimeout(next, 2);
    } else if (given.then === 'end') socket.end();
    else if (given.then === 'reset') socket.resetAndDestroy();
    else if (given.then === 'another answer')
      socket.write('HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\nno');
    else if (given.then === 'rubbish') socket.write('\0\xff rubbish');
  };
  setTimeout(next, given.delayMs);
}

it(
  'whatever a receiver answers, the attempt is logged and the delivery goes on',
  { timeout: 300_000 },
  async () => {
    const byPath = new Map<string, Answer>();
    const server = await startTcp(() => {});
    server.server.on('connection', (socket: Socket) => {
      let heard = '';
      socket.on('data', (data) => {
        heard += data.toString('latin1');
        const path = /^POST (\S+)/.exec(heard)?.[1];
        // Each endpoint gets one request: its body ends with the brace of the JSON.
        if (path === undefined || !heard.endsWith('}')) return;
        heard = '';
        play(socket, byPath.get(path)!);
      });
    });
    const origin = server.url.replace(/\/hook$/, '');

    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 50, maxLength: 50 }), async (answers) => {
        const tenant = newTenant();
        await Promise.all(
          answers.map((each, index) => {
            const path = `/${tenant}/${index}`;
            byPath.set(path, each);
            return rig.endpoint(tenant, '', {
              url: origin + path,
              timeout_seconds: 1,
              retry_schedule_seconds: [9_000],
            });
          }),
        );
        await rig.publish(tenant);
        const rows = await until(
          () =>
            rig.sql<Json>(
              `SELECT d.status, d.next_attempt_at, a.status_code, a.remark, a.error_class, a.retry_after_seconds, e.url
               FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id
               LEFT JOIN attempts a ON a.delivery_id = d.id AND a.number = 1 WHERE d.tenant_id = $1`,
              tenant,
            ),
          (found) => found.length === 50 && found.every((row) => row.status !== 'pending'),
        );
        for (const row of rows) {
          const saw = JSON.stringify([row, byPath.get(new URL(row.url as string).pathname)]);
          expect(row.error_class !== null || (row.status_code >= 200 && row.status_code < 300), saw).toBe(
            true,
          );
          if (row.error_class === null) expect(row.status, saw).toBe('succeeded');
          else if (row.status_code === 410) expect(['failed', 'held'], saw).toContain(row.status);
          else expect([row.status, row.next_attempt_at !== null], saw).toEqual(['retrying', true]);
          expect(row.remark ?? '', saw).not.toContain('Postgres');
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  },
);
