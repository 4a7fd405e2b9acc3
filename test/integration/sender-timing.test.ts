/** Where the time of an exchange went. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { expect, it } from 'vitest';
import { createDnsCache } from '../../src/http/dns-cache.ts';
import {
  expectSockets,
  listen,
  sleep,
  startHttp,
  startSender,
  startTcp,
  unusedPort,
} from '../support/sender-fixtures.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const NONE = { dnsMs: null, connectMs: null, tlsMs: null };
const some = expect.any(Number) as number;

/** What its parts add up to. */
const sum = (timing: object): number =>
  Object.values(timing).reduce((all: number, part: number | null) => all + (part ?? 0), 0);

it('a first request has all parts, and they are parts of the whole', async () => {
  const options = { key: fixture('self-signed-test-only.key'), cert: fixture('self-signed-test-only.crt') };
  const server = await listen(
    createServer(options, (_request, response) => setTimeout(() => response.end('ok'), 50)),
    'https',
  );
  const resolve = async () => {
    await sleep(40);
    return [{ address: '127.0.0.1', family: 4 }];
  };
  const sender = startSender({ dns: createDnsCache({ resolve }) });
  const url = `https://receiver.test:${server.port}/`;
  const { timing, durationMs } = await sender.post(url, { verifyTls: false });
  expect(timing).toEqual({ dnsMs: some, connectMs: some, tlsMs: some, firstByteMs: some });
  // Timers may be early by a millisecond.
  expect(timing.dnsMs).toBeGreaterThanOrEqual(39);
  expect(timing.firstByteMs).toBeGreaterThanOrEqual(49);
  expect(sum(timing)).toBeLessThanOrEqual(durationMs + 0.05);
  // The connection is there by now.
  expect((await sender.post(url, { verifyTls: false })).timing).toEqual({ ...NONE, firstByteMs: some });
});

it('an address needs no name server, and plain HTTP no handshake', async () => {
  const server = await startHttp((_request, response) => response.end('ok'));
  const { timing } = await startSender().post(server.url);
  expect(timing).toEqual({ ...NONE, connectMs: some, firstByteMs: some });
});

it('one that asks for a connection of its own leaves none behind, and takes none of others', async () => {
  const server = await startHttp((_request, response) => response.end('ok'));
  const sender = startSender();
  await sender.post(server.url);
  for (let n = 0; n < 2; n += 1) {
    const { timing } = await sender.post(server.url, { fresh: true });
    expect(timing).toEqual({ ...NONE, connectMs: some, firstByteMs: some });
  }
  await expectSockets(server, 3, 1);
  expect((await sender.post(server.url)).timing.connectMs).toBeNull();
});

it('what did not come to its end has no time', async () => {
  const sender = startSender();
  const refused = await sender.post(`http://127.0.0.1:${await unusedPort()}/`);
  expect(refused).toMatchObject({ error: { class: 'connection' }, timing: { ...NONE, firstByteMs: null } });
  const silent = await startTcp(() => {});
  const late = await sender.post(silent.url, { timeoutMs: 100 });
  expect(late).toMatchObject({
    error: { class: 'timeout' },
    timing: { ...NONE, connectMs: some, firstByteMs: null },
  });
  const nowhere = startSender({ dns: createDnsCache({ resolve: () => new Promise(() => {}) }) });
  const lost = await nowhere.post('http://receiver.test/', { timeoutMs: 50 });
  expect(lost.timing).toEqual({ ...NONE, firstByteMs: null });
  const blocked = await sender.post('http://192.168.1.1/');
  expect(blocked).toMatchObject({
    error: { class: 'blocked_address' },
    timing: { ...NONE, firstByteMs: null },
  });
});

it('the first byte is that of the final answer, and its body comes after it', async () => {
  const server = await startTcp((socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\n\r\n');
    setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n'), 60);
    setTimeout(() => socket.write('ok'), 120);
  });
  const { timing, durationMs } = await startSender().post(server.url);
  expect(timing.firstByteMs).toBeGreaterThanOrEqual(59);
  expect(durationMs).toBeGreaterThan(timing.firstByteMs! + 40);
});
