import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { expectSockets, startHttp, startSender, startTcp, unusedPort } from '../support/sender-fixtures.ts';

const KIB = 1024;

describe('the deadline', () => {
  it.each([
    ['before headers', () => {}],
    [
      'within headers',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        trickle(socket, 'x');
      },
    ],
    [
      'in endless informational answers',
      (socket: Socket) => trickle(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'),
    ],
  ] as const)('ends a request that is held %s', async (_name, hold) => {
    const server = await startTcp((socket) => hold(socket));
    const result = await startSender().post(server.url, { timeoutMs: 400 });
    expect(result).toMatchObject({
      statusCode: null,
      timedOut: true,
      error: { class: 'timeout', message: 'timed out after 0.4 s while waiting for the response' },
    });
    expect(result.durationMs).toBeGreaterThanOrEqual(395);
    expect(result.durationMs).toBeLessThan(10_000);
    await expectSockets(server, 1, 0);
  });

  it('ends a request that the server does not read', async () => {
    const server = await startTcp((socket) => socket.pause());
    const result = await startSender().post(server.url, {
      timeoutMs: 400,
      body: 'x'.repeat(20 * KIB * KIB),
    });
    expect(result.error?.message).toBe('timed out after 0.4 s while sending the request');
  });

  it('ends a lookup that takes too long', async () => {
    const dns = { resolve: () => new Promise<never>(() => {}) };
    const result = await startSender({ dns }).post('http://slow.example/', { timeoutMs: 200 });
    expect(result.error).toEqual({
      class: 'timeout',
      message: 'timed out after 0.2 s while resolving the host name',
    });
  });

  it('includes waiting for a free connection', async () => {
    const server = await startHttp(() => {});
    const sender = startSender({ maxSocketsPerOrigin: 1 });
    const first = sender.post(server.url, { timeoutMs: 600 });
    const second = await sender.post(server.url, { timeoutMs: 200 });
    expect(second.error?.message).toBe('timed out after 0.2 s while waiting for a free connection');
    expect((await first).error?.class).toBe('timeout');
    expect(server.sockets).toBe(1);
  });
});

describe('a failure', () => {
  it('to connect names the address', async () => {
    const port = await unusedPort();
    const result = await startSender().post(`http://127.0.0.1:${port}/`);
    expect(result).toMatchObject({
      statusCode: null,
      error: { class: 'connection', message: `connection refused: 127.0.0.1:${port} (ECONNREFUSED)` },
    });
    const named = await startSender().post(`http://localhost:${port}/`);
    expect(named.error?.message).toMatch(new RegExp(`connection refused: .*127.0.0.1:${port} `));
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('to resolve the name (%s) is of class dns', async (code) => {
    const dns = {
      resolve: () => Promise.reject(Object.assign(new Error('no'), { code, syscall: 'getaddrinfo' })),
    };
    const result = await startSender({ dns }).post('http://missing.example/');
    expect(result.error).toMatchObject({ class: 'dns', message: expect.stringContaining(code) as string });
  });

  it.each([
    [
      'closed',
      (socket: Socket) => socket.end(),
      'connection',
      'the server closed the connection before it had answered',
    ],
    [
      'reset',
      (socket: Socket) => socket.resetAndDestroy(),
      'connection',
      'the server reset the connection before it had answered (ECONNRESET)',
    ],
    [
      'closed within the headers',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nx: '),
      'connection',
      'the server closed the connection before it had answered',
    ],
    [
      'garbage',
      (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
      'invalid_response',
      'the response is not valid HTTP (Expected HTTP/, RTSP/ or ICE/)',
    ],
    [
      'a NUL in a header',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'),
      'invalid_response',
      'the response is not valid HTTP (Invalid header value char)',
    ],
    [
      'endless headers',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\n${'x: yyyyyyyyyyyyyy\r\n'.repeat(2_000)}`),
      'invalid_response',
      'the headers of the response are larger than 16 KiB',
    ],
  ] as const)('of the exchange (%s) is classified', async (_name, answer, errorClass, message) => {
    const server = await startTcp((socket) => answer(socket));
    const result = await startSender().post(server.url);
    expect(result.error).toEqual({ class: errorClass, message });
    expect(server.sockets).toBe(1);
  });

  it('leaves the next request untouched', async () => {
    const server = await startTcp((socket) => {
      if (server.sockets === 1) socket.end('nonsense');
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
    const sender = startSender();
    expect((await sender.post(server.url)).error?.class).toBe('invalid_response');
    expect((await sender.post(server.url)).error).toBeNull();
  });
});

function trickle(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 100);
  socket.once('close', () => clearInterval(timer));
}
