import { describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../src/http/address-guard.ts';
import { createDnsCache } from '../../src/http/dns-cache.ts';
import { productionGuard, sleep, startHttp, startSender, startTcp } from '../support/sender-fixtures.ts';

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
    const server = await startHttp((request, response) => {
      order.push(request.url ?? '');
      setTimeout(() => response.end('ok'), 5);
    });
    const sender = startSender({ maxSocketsPerOrigin: 4 });
    const paths = Array.from({ length: 40 }, (_, i) => `/${i}`);
    const results = await Promise.all(paths.map((path) => sender.post(new URL(path, server.url).href)));
    expect(results.every(({ error }) => error === null)).toBe(true);
    expect(server.sockets).toBeLessThanOrEqual(4);
    expect(order.slice(0, 4).sort()).toEqual(['/0', '/1', '/2', '/3']);
    expect(order.at(-1)).toMatch(/^\/3[6-9]$/);
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
    await sleep(1_300);
    expect(server.openSockets.size).toBe(0);
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

  it('to many origins are closed, the oldest first, when too many of them are idle', async () => {
    const servers = await Promise.all(
      Array.from({ length: 12 }, () => startHttp((_request, response) => response.end('ok'))),
    );
    const sender = startSender({ maxIdleSockets: 5 });
    for (const server of servers) await sender.post(server.url);
    await sleep(50);
    expect(servers.map(({ openSockets }) => openSockets.size)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });
});

describe('a blocked address', () => {
  it('is not connected to, in whatever way the URL names it', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const sender = startSender({ guard: productionGuard });
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost']) {
      const result = await sender.post(`http://${host}:${server.port}/`);
      expect(result).toMatchObject({ statusCode: null, error: { class: 'blocked_address' } });
      expect(result.error?.message).toContain('POSTHORN_ENV=development');
    }
    expect(server.sockets).toBe(0);
  });

  it('is blocked where a name resolves to it', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const dns = createDnsCache({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    const result = await startSender({ guard: productionGuard, dns }).post(
      `http://innocent.example:${server.port}/`,
    );
    expect(result.error).toMatchObject({ class: 'blocked_address' });
    expect(result.error?.message).toContain(
      'innocent.example resolves to an address that is not allowed: 127.0.0.1 is a loopback',
    );
    expect(server.sockets).toBe(0);
  });

  it('is blocked by the answer that is connected to, not by an earlier one (DNS rebinding)', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const answers = ['192.0.2.7', '127.0.0.1'];
    const dns = { resolve: async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }] };
    const guard = createAddressGuard({
      allowLoopback: false,
      allowHttp: true,
      allowedNetworks: ['192.0.2.0/24'],
      dns,
    });
    const url = `http://rebinding.example:${server.port}/`;
    expect(await guard.resolveProblem(url)).toBeNull();
    expect((await startSender({ guard, dns }).post(url)).error?.class).toBe('blocked_address');
    expect(server.sockets).toBe(0);
  });

  it('among public ones is passed over', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const guard = createAddressGuard({
      allowLoopback: false,
      allowHttp: true,
      allowedNetworks: ['127.0.0.1'],
    });
    const dns = createDnsCache({
      resolve: async () =>
        ['10.0.0.1', '127.0.0.1', '::1'].map((address) => ({ address, family: address === '::1' ? 6 : 4 })),
    });
    expect((await startSender({ guard, dns }).post(`http://mixed.example:${server.port}/`)).error).toBeNull();
  });

  it('stays blocked for one endpoint while another has a connection to it', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const sender = startSender();
    expect((await sender.post(server.url)).error).toBeNull();
    expect((await sender.post(server.url, { allowedIps: ['10.0.0.0/8'] })).error).toEqual({
      class: 'blocked_address',
      message: "127.0.0.1 is not among this endpoint's allowed_ips (10.0.0.0/8).",
    });
    expect((await sender.post(server.url, { allowedIps: ['127.0.0.0/8'] })).error).toBeNull();
    expect(server.sockets).toBe(2);
  });

  it('includes http:// where only https:// is allowed', async () => {
    const guard = createAddressGuard({ allowLoopback: true, allowHttp: false, allowedNetworks: [] });
    const result = await startSender({ guard }).post('http://127.0.0.1:1/');
    expect(result.error).toMatchObject({
      class: 'blocked_address',
      message: expect.stringContaining('https://') as string,
    });
  });
});
