import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { expectSockets, startSender, startTcp } from '../support/sender-fixtures.ts';

const CHUNKED = 'transfer-encoding: chunked\r\n\r\n';

/** What may be wrong behind the headers, whatever the status. */
const ODD_BODIES: [string, (socket: Socket) => void, string, string][] = [
  [
    'breaks off',
    (socket) => socket.end('content-length: 9\r\n\r\nabc'),
    'the connection broke off before the end of the answer',
    'abc',
  ],
  [
    'breaks off between chunks',
    (socket) => socket.end(`${CHUNKED}3\r\nabc\r\n`),
    'the connection broke off before the end of the answer',
    'abc',
  ],
  [
    'is reset',
    (socket) => {
      socket.write('content-length: 9\r\n\r\nabc');
      setTimeout(() => socket.resetAndDestroy(), 50);
    },
    'the connection broke off before the end of the answer',
    'abc',
  ],
  [
    'is malformed',
    (socket) => socket.write(`${CHUNKED}zz\r\n`),
    'the body of the answer is malformed (Invalid character in chunk size)',
    '',
  ],
  [
    'trickles past the time limit',
    (socket) => {
      socket.write('content-length: 100\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 100);
      socket.once('close', () => clearInterval(timer));
    },
    'the answer was cut off after 0.4 s: its body had not come to an end',
    'x',
  ],
];

describe('an answer whose headers were complete in time', () => {
  it.each(ODD_BODIES)(
    'counts by its status, with a remark, when its body %s',
    async (_name, body, remark, kept) => {
      for (const status of [200, 202, 503]) {
        const server = await startTcp((socket) => {
          socket.write(`HTTP/1.1 ${status} Status\r\nretry-after: 3\r\n`);
          body(socket);
        });
        const result = await startSender().post(server.url, { timeoutMs: 400 });
        expect(result).toMatchObject({
          statusCode: status,
          error: status === 503 ? { class: 'http', message: 'HTTP 503' } : null,
          retryAfterSeconds: status === 503 ? 3 : null,
          timedOut: remark.includes('after 0.4 s'),
          remark,
        });
        expect(result.responseBody.slice(0, 3).startsWith(kept)).toBe(true);
        await expectSockets(server, 1, 0);
      }
    },
  );

  it.each([
    'content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n',
    'content-length: 99999999999999999999\r\n\r\nx',
    'content-length: 0\r\ncontent-length: 5\r\n\r\n',
    'content-length: -1\r\n\r\n',
  ])('counts when what it says of its length is wrong: %j', async (rest) => {
    for (const status of [200, 503]) {
      const server = await startTcp((socket) => socket.write(`HTTP/1.1 ${status} Status\r\n${rest}`));
      const result = await startSender().post(server.url);
      expect(result).toMatchObject({
        statusCode: status,
        error: status === 503 ? { class: 'http' } : null,
        timedOut: false,
        remark: expect.stringContaining('where they say how long it is'),
      });
      await expectSockets(server, 1, 0);
    }
  });

  it('does not count before its headers are complete, whatever they say of its length', async () => {
    for (const headers of ['content-length: 5\r\n', 'content-length: 5\r\ntransfer-encoding: chunked\r\n']) {
      const server = await startTcp((socket) => socket.end(`HTTP/1.1 200 OK\r\n${headers}`));
      expect((await startSender().post(server.url)).statusCode).toBeNull();
    }
  });

  it('counts behind empty lines, also with an informational answer between', async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
    for (const before of [
      '\r\n',
      '\r\nHTTP/1.1 100 Continue\r\n\r\n',
      '\n\r\nHTTP/1.1 103 Early\r\n\r\n\r\n',
    ]) {
      for (const atOnce of [true, false]) {
        const server = await startTcp((socket) => {
          if (atOnce) return void socket.write(before + answer);
          for (const byte of before + answer) socket.write(byte);
        });
        expect(await startSender().post(server.url)).toMatchObject({
          statusCode: 200,
          error: null,
          remark: null,
          responseBody: 'ok',
        });
      }
    }
  });

  it('counts when it is a 204 with a Content-Length, with or without the body', async () => {
    for (const body of ['', 'abc', 'HTTP/1.1 500 Oops\r\n\r\n']) {
      const server = await startTcp((socket) =>
        socket.write(`HTTP/1.1 204 No Content\r\ncontent-length: 3\r\n\r\n${body}`),
      );
      const sender = startSender();
      for (let i = 1; i <= 3; i++) {
        expect(await sender.post(server.url)).toMatchObject({
          statusCode: 204,
          error: null,
          remark: 'the answer announces a body, which HTTP 204 does not have',
          responseBody: '',
        });
        await expectSockets(server, i, 0);
      }
    }
  });

  it('has no remark when nothing is wrong with it', async () => {
    const server = await startTcp((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
    expect(await startSender().post(server.url)).toMatchObject({ remark: null, timedOut: false });
  });
});
