import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NotBegunError } from '../../src/http/exchange.ts';
import { expectSockets, sleep, startHttp, startSender, startTcp } from '../support/sender-fixtures.ts';
import { until } from '../support/until.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

describe('connections', () => {
  it('are used again: 100 requests in a row need one', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const sender = startSender();
    for (let i = 0; i < 100; i++) expect((await sender.post(server.url)).error).toBeNull();
    expect(server.sockets).toBe(1);
  });

  it('are opened as many as there are requests at once, and then used again', async () => {
    const server = await startHttp((_request, response) => setTimeout(() => response.end('ok'), 20));
    const sender = startSender();
    for (let round = 0; round < 3; round++) {
      const results = await Promise.all(Array.from({ length: 50 }, () => sender.post(server.url)));
      expect(results.every(({ error }) => error === null)).toBe(true);
      await sleep(20);
    }
    expect(server.sockets).toBeLessThanOrEqual(50);
  });

  it('stay below the limit per origin, while the other requests wait their turn', async () => {
    const order: string[] = [];
    const unanswered: ServerResponse[] = [];
    const server = await startHttp((request, response) => {
      order.push(request.url ?? '');
      unanswered.push(response);
    });
    const sender = startSender({ maxSocketsPerOrigin: 4 });
    const paths = Array.from({ length: 40 }, (_, i) => `/${i}`);
    const results = Promise.all(paths.map((path) => sender.post(new URL(path, server.url).href)));
    // Each answer lets one more through, and no other.
    for (let answered = 0; answered <= 40; answered++) {
      await until(
        () => order.length,
        (length) => length >= Math.min(40, 4 + answered),
        1,
      );
      expect(order).toHaveLength(Math.min(40, 4 + answered));
      unanswered.shift()?.end('ok');
    }
    expect((await results).every(({ error }) => error === null)).toBe(true);
    expect(server.sockets).toBeLessThanOrEqual(4);
    expect(order.slice(0, 4).sort()).toEqual(paths.slice(0, 4));
    expect(order.slice(4)).toEqual(paths.slice(4));
  });

  it('that fail make room for the requests that wait', async () => {
    const server = await startTcp((socket) => socket.destroy());
    const sender = startSender({ maxSocketsPerOrigin: 2 });
    const results = await Promise.all(Array.from({ length: 20 }, () => sender.post(server.url)));
    expect(results.every(({ error }) => error?.class === 'connection')).toBe(true);
    expect(server.sockets).toBe(20);
  });

  it('that the server says it closes are not used again', async () => {
    const server = await startHttp((_request, response) =>
      response.writeHead(200, { connection: 'close' }).end('ok'),
    );
    const sender = startSender();
    for (let i = 0; i < 20; i++) expect((await sender.post(server.url)).error).toBeNull();
    expect(server.sockets).toBe(20);
  });

  it('are not used past the time in the Keep-Alive header', async () => {
    const server = await startTcp((socket) =>
      socket.write(OK.replace('\r\n\r\n', '\r\nkeep-alive: timeout=3\r\n\r\n')),
    );
    const sender = startSender();
    await sender.post(server.url);
    await expectSockets(server, 1, 0);
    expect((await sender.post(server.url)).error).toBeNull();
    expect(server.sockets).toBe(2);
  });

  it('closed by the server between two requests, by end or by reset, are not held against it', async () => {
    const server = await startTcp((socket) => {
      socket.write(OK);
      if (server.sockets % 2 === 0) setImmediate(() => socket.resetAndDestroy());
      else setImmediate(() => socket.end());
    });
    const sender = startSender();
    for (let i = 0; i < 60; i++) {
      expect((await sender.post(server.url)).error).toBeNull();
      await sleep(i % 5);
    }
    expect(server.sockets).toBe(60);
  });

  it.each(['reset', 'end'] as const)(
    'closed by %s just before a request is written are replaced',
    async (how) => {
      const server = await startTcp((socket) => socket.write(OK));
      const sender = startSender();
      for (let round = 1; round <= 10; round++) {
        expect((await sender.post(server.url)).error).toBeNull();
        // From a timer, so that the loop looks at its sockets once before the request could be written.
        await sleep(5);
        for (const socket of server.openSockets) {
          if (how === 'reset') socket.resetAndDestroy();
          else socket.end();
        }
        expect((await sender.post(server.url)).error).toBeNull();
        await sleep(5);
        expect(server.sockets).toBe(round + 1);
      }
    },
  );

  it('that break after the request was written count as a failure: the server may have acted on it', async () => {
    let requests = 0;
    const server = await startTcp((socket, number) => {
      requests++;
      if (number === 1) socket.write(OK);
      else socket.resetAndDestroy();
    });
    const sender = startSender();
    expect((await sender.post(server.url)).error).toBeNull();
    expect((await sender.post(server.url)).error?.class).toBe('connection');
    expect([requests, server.sockets]).toEqual([2, 1]);
  });

  it('that are open at last bring nothing that is not to be begun any more, and serve the next', async () => {
    const bytes: string[] = [];
    const server = await startTcp((socket) => socket.write(OK));
    server.server.on('connection', (socket: Socket) =>
      socket.on('data', (data) => bytes.push(data.toString())),
    );
    const sender = startSender();
    const asked: number[] = [];
    // Asked when there is a connection, and not before.
    const mayNot = () => asked.push(server.sockets) < 0;
    await expect(sender.post(server.url, { mayBegin: mayNot })).rejects.toThrow(NotBegunError);
    expect([asked, bytes]).toEqual([[1], []]);
    expect((await sender.post(server.url, { mayBegin: () => true })).error).toBeNull();
    // Nor does one that was used before.
    await expect(sender.post(server.url, { mayBegin: mayNot })).rejects.toThrow(NotBegunError);
    expect(asked).toHaveLength(2);
    expect(bytes).toHaveLength(1);
  });

  it('to many origins are closed, the oldest first, when too many of them are idle', async () => {
    const servers = await Promise.all(
      Array.from({ length: 12 }, () => startHttp((_request, response) => response.end('ok'))),
    );
    const sender = startSender({ maxIdleSockets: 5 });
    for (const server of servers) await sender.post(server.url);
    for (const [index, server] of servers.entries()) await expectSockets(server, 1, index < 7 ? 0 : 1);
  });
});
