import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { expectSockets, sleep, startSender, startTcp, type TestServer } from '../support/sender-fixtures.ts';

const KIB = 1024;
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const WRONG = 'HTTP/1.1 500 Oops\r\ncontent-length: 5\r\n\r\nwrong';
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

/** Writes the same text until the other side has had enough. */
function flood(socket: Socket, text: string): void {
  const block = text.repeat(Math.ceil((16 * KIB) / text.length));
  const more = () => {
    while (!socket.destroyed && socket.write(block));
    socket.once('drain', more);
  };
  more();
}

describe('informational answers', () => {
  it.each([
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['103 Early Hints', 'HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n'],
    ['several', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'],
    ['one with bare line feeds', 'HTTP/1.1 100 Continue\n\n'],
  ])('are skipped, and the connection is used again: %s', async (_name, informational) => {
    const server = await startTcp((socket) => socket.write(informational + OK));
    const sender = startSender();
    for (let i = 0; i < 3; i++)
      expect(await sender.post(server.url)).toMatchObject({
        statusCode: 200,
        error: null,
        responseBody: 'ok',
      });
    expect(server.sockets).toBe(1);
  });

  it('are skipped when they arrive byte by byte', async () => {
    const bytes = `HTTP/1.1 100 Continue\r\nx: y\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n${OK}`;
    const server = await startTcp((socket) => {
      socket.setNoDelay(true);
      let sent = 0;
      const next = () => {
        if (sent === bytes.length) return;
        socket.write(bytes[sent++]!);
        setTimeout(next, 1);
      };
      next();
    });
    expect(await startSender().post(server.url)).toMatchObject({ statusCode: 200, responseBody: 'ok' });
  });
});

describe('what is no part of the answer', () => {
  it('ends the exchange when it comes in floods before the answer', async () => {
    const server = await startTcp((socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n'));
    const result = await startSender().post(server.url, { timeoutMs: 60_000 });
    expect(result.error).toEqual({
      class: 'invalid_response',
      message: 'more than 64 KiB came before the answer',
    });
    await expectSockets(server, 1, 0);
  });

  it('ends it when one informational answer has no end', async () => {
    const server = await startTcp((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\n');
      flood(socket, 'x: y\r\n');
    });
    const result = await startSender().post(server.url, { timeoutMs: 60_000 });
    expect(result.error?.class).toBe('invalid_response');
    await expectSockets(server, 1, 0);
  });

  it.each([
    ['chunk extensions', `${CHUNKED}1`, ';extension=value'],
    ['chunks of one byte with an extension each', CHUNKED, `1;${'x'.repeat(500)}\r\ny\r\n`],
    ['trailers', `${CHUNKED}1\r\ny\r\n0\r\n`, 'x: y\r\n'],
  ])('cuts the answer off when it comes in floods within it: %s', async (_name, head, text) => {
    const server = await startTcp((socket) => {
      socket.write(head);
      flood(socket, text);
    });
    const result = await startSender().post(server.url, { timeoutMs: 60_000 });
    expect(result).toMatchObject({ statusCode: 200, error: null, remark: expect.any(String) as string });
    expect(result.durationMs).toBeLessThan(30_000);
    await expectSockets(server, 1, 0);
  });
});

describe('an answer that nobody asked for', () => {
  const statusesOf = async (server: TestServer, posts: number, atOnce = 1, pauseMs = 0) => {
    const sender = startSender({ maxSocketsPerOrigin: atOnce });
    const statuses: (number | null)[] = [];
    for (let i = 0; i < posts; i += 1) {
      const results = await Promise.all(Array.from({ length: 3 * atOnce }, () => sender.post(server.url)));
      statuses.push(...results.map(({ statusCode }) => statusCode));
      if (pauseMs > 0) await sleep(pauseMs);
    }
    return statuses;
  };

  it.each([
    ['with the one before it', (socket: Socket) => socket.write(OK + WRONG)],
    ['after it', (socket: Socket) => socket.write(OK, () => socket.write(WRONG))],
  ])('and comes right %s is the result of no request', async (_name, answer) => {
    const server = await startTcp((socket) => answer(socket));
    expect(new Set(await statusesOf(server, 30))).toEqual(new Set([200]));
    expect(new Set(await statusesOf(server, 10, 4))).toEqual(new Set([200]));
  });

  it('and comes while the connection is idle closes it, and from then on each request has its own', async () => {
    const answer = (socket: Socket) => {
      socket.write(OK);
      setTimeout(() => socket.write(WRONG), 2);
    };
    const server = await startTcp((socket) => answer(socket));
    const sender = startSender();
    expect((await sender.post(server.url)).statusCode).toBe(200);
    await expectSockets(server, 1, 0);
    for (let i = 2; i <= 50; i++) {
      expect((await sender.post(server.url)).statusCode).toBe(200);
      expect(server.sockets).toBe(i);
    }
  });
});
