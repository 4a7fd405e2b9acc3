import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { expectSockets, listen, startSender, startTcp } from '../support/sender-fixtures.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

function startHttps(listener: RequestListener) {
  const key = fixture('self-signed-test-only.key');
  const cert = fixture('self-signed-test-only.crt');
  return listen(createServer({ key, cert }, listener), 'https');
}

describe('TLS', () => {
  it('refuses a certificate that nobody vouches for, and says so', async () => {
    let requests = 0;
    const server = await startHttps((_request, response) => {
      requests++;
      response.end('ok');
    });
    const result = await startSender().post(server.url);
    expect(result).toMatchObject({
      statusCode: null,
      error: { class: 'tls', message: 'TLS: the certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)' },
    });
    expect(requests).toBe(0);
  });

  it('accepts it without verification, for an address and for a name, and keeps the connection', async () => {
    const server = await startHttps((_request, response) => response.end('ok'));
    const sender = startSender();
    for (const host of ['127.0.0.1', 'localhost']) {
      for (let i = 0; i < 5; i++) {
        const result = await sender.post(`https://${host}:${server.port}/`, { verifyTls: false });
        expect(result).toMatchObject({ statusCode: 200, error: null, responseBody: 'ok' });
      }
    }
    expect(server.sockets).toBe(2);
  });

  it('verifies again for an endpoint that wants it, although a connection without it is open', async () => {
    const server = await startHttps((_request, response) => response.end('ok'));
    const sender = startSender();
    expect((await sender.post(server.url, { verifyTls: false })).error).toBeNull();
    expect((await sender.post(server.url, { verifyTls: true })).error?.class).toBe('tls');
    expect((await sender.post(server.url, { verifyTls: false })).error).toBeNull();
  });

  it('lets no server choose large numbers to calculate with', async () => {
    const [key, cert] = [fixture('self-signed-test-only.key'), fixture('self-signed-test-only.crt')];
    const options = { key, cert, maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256' } as const;
    const server = await listen(createServer({ ...options, dhparam: 'auto' as never }), 'https');
    const result = await startSender().post(server.url, { verifyTls: false });
    expect(result).toMatchObject({ statusCode: null, error: { class: 'tls' } });
  });

  it('fails in words against a server that speaks plain HTTP', async () => {
    const server = await startTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const result = await startSender().post(server.url.replace('http:', 'https:'));
    expect(result.error).toMatchObject({
      class: 'tls',
      message: expect.stringContaining('does not speak TLS') as string,
    });
  });

  it('fails when the server hangs up during the handshake', async () => {
    const server = await listen(
      createTcpServer((socket) => socket.on('error', () => {}).end()),
      'https',
    );
    const result = await startSender().post(server.url);
    expect(result.error).toEqual({ class: 'tls', message: 'TLS: the handshake failed (ECONNRESET)' });
  });

  it('is under the deadline too', async () => {
    const server = await listen(
      createTcpServer((socket) => socket.on('error', () => {}).resume()),
      'https',
    );
    const result = await startSender().post(server.url, { timeoutMs: 400 });
    expect(result.error).toEqual({
      class: 'timeout',
      message: 'timed out after 0.4 s while in the TLS handshake',
    });
    await expectSockets(server, 1, 0);
  });
});
