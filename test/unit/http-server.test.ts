/** What may be done to the API's sockets, with shorter limits than it has. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer, SERVER_LIMITS } from '../../src/api/http-server.ts';

const LIMITS = { ...SERVER_LIMITS, headersMs: 400, requestMs: 800, keepAliveMs: 500, checkEveryMs: 50 };
let server: Server;

beforeAll(async () => {
  server = createHttpServer(
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () =>
        response.end(`${request.method} ${request.url} ${Buffer.concat(chunks).length}`),
      );
    },
    { ...LIMITS, connections: 20 },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const open = (): Socket => connect((server.address() as AddressInfo).port, '127.0.0.1');

/** Everything that comes until the other side closes. */
async function untilClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

/** Writes one piece after the other, for as long as anybody listens. */
function drip(socket: Socket, piece: string, everyMs: number): void {
  const timer = setInterval(() => socket.writable && socket.write(piece), everyMs);
  socket.once('close', () => clearInterval(timer));
}

async function answerTo(text: string): Promise<string> {
  const socket = open();
  socket.write(text);
  return untilClosed(socket);
}

const HEAD = 'POST /x HTTP/1.1\r\nHost: x\r\n';

describe('a slow client is cut off', () => {
  it('that sends one header after the other (slowloris)', async () => {
    const socket = open();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
    drip(socket, 'X-More: y\r\n', 30);
    expect(await untilClosed(socket)).toMatch(
      /^HTTP\/1\.1 408 Request timeout\r\n[^]*"code":"request_timeout"/,
    );
  });

  it('that sends its body byte by byte', async () => {
    const socket = open();
    socket.write(`${HEAD}Content-Length: 100000\r\n\r\n`);
    drip(socket, 'x', 30);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that says nothing at all', async () => {
    expect(await untilClosed(open())).toMatch(/^(HTTP\/1\.1 408 [^]*)?$/);
  });

  it('that keeps its connection and asks nothing more', async () => {
    const socket = open();
    socket.write('GET /once HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 200 OK[^]*GET \/once 0/);
  });
});

describe('what is no request is answered in words, and the connection closed', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n', 400],
    ['the beginning of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a header with 40 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
    ['a path of 40 KiB', `GET /${'y'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['a space before a colon', `${HEAD}Content-Length : 1\r\n\r\nx`, 400],
    ['a line feed alone', 'GET / HTTP/1.1\nHost: x\nX: y\n\n', 400],
    [
      'a folded header',
      `${HEAD}Content-Length: 1\r\nX: a\r\n b\r\nTransfer-Encoding:\r\n chunked\r\n\r\nx`,
      400,
    ],
    ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, 400],
    ['a length and chunks', `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunks, and a length', `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`, 400],
    ['an encoding that ends otherwise', `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
    ['a disguised encoding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ['a length that is negative', `${HEAD}Content-Length: -1\r\n\r\n`, 400],
    ['a length in hex', `${HEAD}Content-Length: 0x10\r\n\r\n0123456789abcdef`, 400],
    ['a chunk that is no chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`, 400],
  ])('%s', async (_, text, status) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    // One answer: what follows was not taken for a request.
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer).not.toMatch(/node_modules|\.ts:\d|at .*\(/);
  });
});

it('an expectation that nobody can meet is refused', async () => {
  expect(await answerTo(`${HEAD}Expect: miracles\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 417 /,
  );
});

it('requests one behind the other are answered in their order', async () => {
  const many = Array.from({ length: 50 }, (_, n) => `GET /${n} HTTP/1.1\r\nHost: x\r\n\r\n`).join('');
  const answer = await answerTo(many);
  expect([...answer.matchAll(/GET \/(\d+) 0/g)].map(([, n]) => Number(n))).toEqual([...Array(50).keys()]);
});

it('more connections than it has room for are not taken, and those it has go on', async () => {
  const sockets = Array.from({ length: 20 }, open);
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  // Taken by the system before it is by the server.
  const dropped = Array.from({ length: 5 }, () => untilClosed(open()));
  expect(await Promise.all(dropped)).toEqual(Array(5).fill(''));
  sockets[0]!.write('GET /still HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(await untilClosed(sockets[0]!)).toMatch(/^HTTP\/1\.1 200 /);
  for (const socket of sockets) socket.destroy();
});
