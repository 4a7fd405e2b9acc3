/** Leaving through one door: a proxy that opens tunnels, and who decides where they lead. */
import { readFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseEgressProxy } from '../../src/http/egress-proxy.ts';
import { startTestPosthorn } from '../support/posthorn.ts';
import {
  developmentGuard,
  listen,
  productionGuard,
  startHttp,
  startSender,
  unusedPort,
} from '../support/sender-fixtures.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** Answers CONNECT; `answer` null: opens the tunnel to that port of this machine, whatever was asked for. */
async function startProxy(port: number, answer: string | null = null, credentials = '') {
  const asked: string[] = [];
  const server = createServer((near) => {
    near.on('error', () => {});
    near.once('data', (head: Buffer) => {
      asked.push(head.toString());
      if (answer !== null) return void near.end(answer);
      const far = connect(port, '127.0.0.1', () => near.write('HTTP/1.1 200 Connection established\r\n\r\n'));
      far.on('error', () => near.destroy());
      near.pipe(far).pipe(near);
    });
  });
  const proxy = await listen(server, 'http');
  const url = `http://${credentials}127.0.0.1:${proxy.port}`;
  return { asked, url, proxy: (resolves = false) => parseEgressProxy(url, resolves) };
}

describe('an egress proxy', () => {
  it('carries http and https, keeps connections, and is told the address that the guard has admitted', async () => {
    const plain = await startHttp((_request, response) => response.end('plain'));
    const through = await startProxy(plain.port, null, 'us%40er:pa%3Ass@');
    const sender = startSender({ proxy: through.proxy() });
    for (let n = 0; n < 3; n += 1)
      expect(await sender.post(`http://localhost:${plain.port}/x`)).toMatchObject({
        statusCode: 200,
        responseBody: 'plain',
        error: null,
      });
    expect(through.asked).toHaveLength(1);
    expect(through.asked[0]).toMatch(
      new RegExp(`^CONNECT (127\\.0\\.0\\.1|\\[::1\\]):${plain.port} HTTP/1\\.1\r\n`),
    );
    expect(through.asked[0]).toContain(
      `Proxy-Authorization: Basic ${Buffer.from('us@er:pa:ss').toString('base64')}\r\n`,
    );

    const certificate = { key: fixture('server-test-only.key'), cert: fixture('server-test-only.crt') };
    const secure = await listen(
      createHttps(certificate, (_request, response) => response.end('secure')),
      'https',
    );
    const tunnel = await startProxy(secure.port);
    const over = startSender({ proxy: tunnel.proxy() });
    // The certificate is the receiver's own, whatever carries it.
    const url = `https://localhost:${secure.port}/x`;
    expect((await over.post(url)).error?.class).toBe('tls');
    expect(await over.post(url, { verifyTls: false })).toMatchObject({ responseBody: 'secure', error: null });
  });

  it('leads nowhere that the guard forbids', async () => {
    const plain = await startHttp((_request, response) => response.end());
    const through = await startProxy(plain.port);
    const sender = startSender({ proxy: through.proxy(), guard: productionGuard });
    for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '[::1]'])
      expect((await sender.post(`http://${host}:${plain.port}/`)).error?.class, host).toBe('blocked_address');
    const limited = startSender({ proxy: through.proxy(), guard: developmentGuard });
    const result = await limited.post(`http://localhost:${plain.port}/`, { allowedIps: ['203.0.113.0/24'] });
    expect(result.error?.class).toBe('blocked_address');
    expect(through.asked).toEqual([]);
  });

  it('that looks names up itself gets the name; what then cannot be kept to is refused', async () => {
    const plain = await startHttp((_request, response) => response.end('ok'));
    const through = await startProxy(plain.port);
    const sender = startSender({ proxy: through.proxy(true), guard: productionGuard });
    const url = `http://hooks.example.test:${plain.port}/`;
    expect((await sender.post(url)).responseBody).toBe('ok');
    expect(through.asked[0]).toMatch(/^CONNECT hooks\.example\.test:\d+ /);
    expect((await sender.post(url, { allowedIps: ['203.0.113.0/24'] })).error).toMatchObject({
      class: 'blocked_address',
      message: expect.stringContaining('allowed_ips cannot be kept to') as string,
    });
    expect((await sender.post('http://10.0.0.1/')).error?.class).toBe('blocked_address');
  });

  it.each([
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'did not open a tunnel (HTTP 403)'],
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'asks for other credentials'],
    ['HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'sent more than its answer'],
    ['220 mail.example.com ESMTP\r\n\r\n', 'without a status'],
    ['x'.repeat(20_000), 'something else than HTTP'],
    ['', 'closed the connection'],
  ])('that answers %j fails the attempt in words', async (answer, words) => {
    const through = await startProxy(0, answer);
    const result = await startSender({ proxy: through.proxy() }).post('http://127.0.0.1:9/');
    expect(result.error).toMatchObject({
      class: 'connection',
      message: expect.stringContaining(words) as string,
    });
  });

  it('that is away, or says nothing, fails the attempt within its time', async () => {
    const away = parseEgressProxy(`http://127.0.0.1:${await unusedPort()}`, false);
    expect((await startSender({ proxy: away }).post('http://127.0.0.1:9/')).error).toMatchObject({
      class: 'connection',
      message: 'the egress proxy cannot be reached (ECONNREFUSED)',
    });
    const silent = await listen(
      createServer((socket) => void socket.on('error', () => {}).resume()),
      'http',
    );
    const proxy = parseEgressProxy(`http://127.0.0.1:${silent.port}`, false);
    expect(
      (await startSender({ proxy }).post('http://127.0.0.1:9/', { timeoutMs: 300 })).error,
    ).toMatchObject({
      class: 'timeout',
    });
  });
});

it('a deployment says where its deliveries come from, and lists its tenants', async () => {
  const posthorn = await startTestPosthorn({ POSTHORN_EGRESS_IPS: '203.0.113.7, 2001:db8::/64' });
  expect((await posthorn.call('GET', '/v1/egress-ips')).body).toEqual({
    data: ['203.0.113.7', '2001:db8::/64'],
  });
  for (const [id, name] of [
    ['acme', 'Acme Ltd'],
    ['beta', null],
    ['cust:17', 'ACME Germany'],
  ])
    await posthorn.call('PUT', `/v1/tenants/${id}`, { name });
  const list = async (query: string) => (await posthorn.call('GET', `/v1/tenants${query}`)).body;
  const ids = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
  expect(ids(await list(''))).toEqual(expect.arrayContaining(['cust:17', 'beta', 'acme']));
  expect(ids(await list('?search=acme'))).toEqual(['cust:17', 'acme']);
  const first = await list('?search=ACME&limit=1');
  expect(ids(first)).toEqual(['cust:17']);
  expect(ids(await list(`?search=acme&limit=1&cursor=${first.next_cursor}`))).toEqual(['acme']);
  expect((await posthorn.call('GET', '/v1/tenants?cursor=x')).status).toBe(422);
  await posthorn.stop();
});
