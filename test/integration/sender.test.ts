import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/http/sender.ts';
import { expectSockets, sleep, startHttp, startSender, startTcp } from '../support/sender-fixtures.ts';

describe('an answer', () => {
  it.each([200, 201, 204, 299])('of %d is a success', async (statusCode) => {
    const server = await startHttp((_request, response) => response.writeHead(statusCode).end());
    const result = await startSender().post(server.url);
    expect(result).toMatchObject({
      statusCode,
      error: null,
      responseBody: '',
      responseBodyBytes: 0,
      retryAfterSeconds: null,
    });
    expect(result.durationMs).toBeGreaterThan(0);
    expect(result.durationMs).toBe(Math.round(result.durationMs * 100) / 100);
  });

  it.each([400, 404, 410, 429, 500, 503, 599])('of %d is a failure of class http', async (statusCode) => {
    const server = await startHttp((_request, response) => response.writeHead(statusCode).end('why'));
    const result = await startSender().post(server.url);
    expect(result).toMatchObject({
      statusCode,
      error: { class: 'http', message: `HTTP ${statusCode}` },
      responseBody: 'why',
    });
  });

  it('that redirects is a failure that names where to, and is not followed', async () => {
    let requests = 0;
    const server = await startHttp((_request, response) => {
      requests++;
      response.writeHead(302, { location: `/elsewhere?${'x'.repeat(500)}` }).end();
    });
    const result = await startSender().post(server.url);
    expect(result.error?.class).toBe('redirect');
    expect(result.error?.message).toMatch(/^HTTP 302 to \/elsewhere\?x+…: redirects are not followed/);
    expect(result.error?.message.length).toBeLessThan(320);
    expect(requests).toBe(1);
  });

  it('may be preceded by informational ones', async () => {
    const server = await startTcp((socket) =>
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      ),
    );
    expect(await startSender().post(server.url)).toMatchObject({
      statusCode: 200,
      error: null,
      responseBody: 'ok',
    });
  });

  it.each(['upgrade: websocket\r\nconnection: upgrade\r\n', ''])(
    'of 101 (%j) is a failure',
    async (headers) => {
      const server = await startTcp((socket) =>
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`),
      );
      const result = await startSender().post(server.url);
      expect(result.error).toMatchObject({
        class: 'invalid_response',
        message: expect.stringContaining('101') as string,
      });
    },
  );

  it('may end by closing the connection, as HTTP/1.0 has it', async () => {
    const server = await startTcp((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nold but fine'));
    expect(await startSender().post(server.url)).toMatchObject({ error: null, responseBody: 'old but fine' });
  });

  it('has its headers recorded: lower case, joined, cookies masked', async () => {
    const server = await startTcp((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nX-Trace: a\r\nX-Trace: b\r\nSet-Cookie: session=s3cret\r\nSet-Cookie: b=c\r\n__proto__: x\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    const { responseHeaders } = await startSender().post(server.url);
    expect(responseHeaders).toEqual({ 'x-trace': 'a, b', 'set-cookie': '[redacted]', 'content-length': '0' });
  });

  it.each([
    [429, '17', 17],
    [503, '0', 0],
    [503, 'whenever', null],
    [500, '17', null],
    [200, '17', null],
  ])('of %d with Retry-After %s asks to wait %s s', async (statusCode, header, seconds) => {
    const server = await startHttp((_request, response) =>
      response.writeHead(statusCode, { 'retry-after': header }).end(),
    );
    expect((await startSender().post(server.url)).retryAfterSeconds).toBe(seconds);
  });
});

describe('a request', () => {
  it.each(['POST', 'PUT'] as const)('of %s arrives as it was given', async (method) => {
    const seen: unknown[] = [];
    const server = await startHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push(request.method, request.url, request.headers, Buffer.concat(chunks).toString());
        response.end();
      });
    });
    const body = JSON.stringify({ greeting: 'Grüße, 世界 🌍' });
    const headers = { 'Content-Type': 'application/json', 'x-latin': 'caf\u00e9' };
    await startSender({ userAgent: 'Posthorn/9' }).post(`${server.url}?a=b%20c`, { method, headers, body });
    expect(seen).toMatchObject([
      method,
      '/hook?a=b%20c',
      {
        host: `127.0.0.1:${server.port}`,
        'content-type': 'application/json',
        'user-agent': 'Posthorn/9',
        'content-length': String(Buffer.byteLength(body)),
        'x-latin': 'caf\u00e9',
      },
      body,
    ]);
  });

  it('may bring a User-Agent of its own, and an empty body', async () => {
    const server = await startHttp((request, response) => {
      response.end(`${request.headers['user-agent']} ${request.headers['content-length']}`);
    });
    const result = await startSender().post(server.url, { headers: { 'User-Agent': 'Mine/1' }, body: '' });
    expect(result.responseBody).toBe('Mine/1 0');
  });

  it.each([
    [{ 'x-secret': 'line\r\nbreak' }],
    [{ 'x-secret': 'snow\u2603man' }],
    [{ 'bad name': 'v' }],
    [{ '': 'v' }],
    [{ 'transfer-encoding': 'chunked' }],
    [{ expect: '100-continue' }],
    [{ 'content-length': '3' }],
  ])('with the headers %j is refused without repeating a value, and spoils nothing', async (headers) => {
    const server = await startHttp((_request, response) => response.end());
    const sender = startSender();
    await sender.post(server.url);
    const refusal = await sender
      .post(server.url, { headers: headers as unknown as Record<string, string> })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidRequestError);
    expect((refusal as Error).message).not.toMatch(/line|snow/);
    expect((await sender.post(server.url)).error).toBeNull();
  });

  it('can be aborted in any phase, and then rejects with the reason', async () => {
    const server = await startHttp(() => {});
    const sender = startSender({ maxSocketsPerOrigin: 1 });
    const controller = new AbortController();
    const reason = new Error('shutting down');
    const all = [
      sender.post(server.url, {}, controller.signal),
      sender.post(server.url, {}, controller.signal),
    ];
    const outcomes = Promise.allSettled(all);
    await sleep(50);
    controller.abort(reason);
    expect(await outcomes).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    await expect(sender.post(server.url, {}, controller.signal)).rejects.toBe(reason);
    await expectSockets(server, 1, 0);
  });
});

describe('closing', () => {
  it('waits for the running request, takes no other and closes the connections', async () => {
    const server = await startHttp((_request, response) => setTimeout(() => response.end('late'), 200));
    const sender = startSender();
    const running = sender.post(server.url);
    await sleep(50);
    const closing = sender.close();
    await expect(sender.post(server.url)).rejects.toThrow('closed');
    await closing;
    expect((await running).responseBody).toBe('late');
    const [socket] = server.openSockets;
    if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
    expect(server.openSockets.size).toBe(0);
  });
});
