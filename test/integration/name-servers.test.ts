/** Look-ups on real sockets: name servers that are silent, and names that no name server knows. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDnsCache, type DnsCache } from '../../src/http/dns-cache.ts';
import { createHostsFile } from '../../src/http/hosts-file.ts';
import { lookupError } from '../../src/http/lookup-error.ts';
import { createLookup, type LookupOptions } from '../../src/http/lookup.ts';
import { startNameServer, type NameAnswers } from '../support/name-server.ts';
import { expectSockets, productionGuard, startHttp, startSender } from '../support/sender-fixtures.ts';

const nobody = (hostname: string) => Promise.reject(lookupError(hostname, 'ENOTFOUND'));

async function cacheWith(answers: NameAnswers, options: LookupOptions = {}, cache = {}) {
  const server = await startNameServer(answers);
  const resolve = createLookup({ nameServers: [server.address], bySystem: nobody, ...options });
  return { server, dns: createDnsCache({ resolve, ...cache }) };
}

describe('a name server that never answers', () => {
  const answers: NameAnswers = (name) => (name.endsWith('silent.test') ? null : '127.0.0.1');

  it('holds up neither other names, nor files, nor the tenant next door', { timeout: 60_000 }, async () => {
    // As many as would take every thread that getaddrinfo has, ten times over.
    const hanging: string[] = [];
    const bySystem = (hostname: string) => {
      hanging.push(hostname);
      return new Promise<never>(() => {});
    };
    const { dns } = await cacheWith(answers, { bySystem, limitMs: 3_000 });
    const receiver = await startHttp((_request, response) => response.end('ok'));
    const sender = startSender({ dns });
    const url = (host: string) => `http://${host}:${receiver.port}/`;
    expect((await sender.post(url('first.healthy.test'), { tenantId: 'neighbour' })).error).toBeNull();

    const hostile = Array.from({ length: 40 }, (_, i) =>
      sender.post(url(`h${i}.silent.test`), { tenantId: 'hostile', timeoutMs: 30_000 }),
    );
    for (let i = 0; i < 30; i++) {
      const startedAt = performance.now();
      const result = await sender.post(url(`n${i}.healthy.test`), { tenantId: 'neighbour' });
      expect(result).toMatchObject({ statusCode: 200, error: null });
      await readFile(new URL(import.meta.url));
      expect(performance.now() - startedAt).toBeLessThan(2_400);
    }
    for (const { error, timedOut } of await Promise.all(hostile)) {
      expect(error?.class).toBe('dns');
      expect(error?.message).toMatch(/did not answer \(ETIMEOUT\)|waited behind them \(EBUSY\)/);
      expect(timedOut).toBe(true);
    }
    expect(hanging.length).toBeLessThanOrEqual(2);
  });

  it('is asked once for a name, however many wait, and not again right after', async () => {
    const { server, dns } = await cacheWith(answers, { limitMs: 700 });
    await dns.resolve('known.test');
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => dns.resolve('a.silent.test')));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await expect(dns.resolve('a.silent.test')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect(server.asked).toEqual(['known.test', 'a.silent.test']);
  });

  it('is no matter while the addresses from before are known, and the guard sees them again', async () => {
    let silent = false;
    const { dns } = await cacheWith(() => (silent ? null : '127.0.0.1'), { limitMs: 300 }, { ttlMs: 1 });
    const receiver = await startHttp((_request, response) => response.end('ok'));
    const url = `http://a.test:${receiver.port}/`;
    const post = async (more: object = {}) => {
      const sender = startSender({ dns, ...more });
      return (await sender.post(url)).error?.class ?? null;
    };
    expect(await post()).toBeNull();
    silent = true;
    expect(await post()).toBeNull();
    expect(await post({ guard: productionGuard })).toBe('blocked_address');
    await expectSockets(receiver, 2, 2);
  });
});

describe('a tenant whose look-ups all hang', () => {
  const HANGING = Array.from({ length: 40 }, (_, i) => `h${i}.silent.test`);
  const hang = (dns: DnsCache) => {
    const hanging = { ended: 0 };
    for (const name of HANGING) dns.resolve(name, 'hostile').catch(() => hanging.ended++);
    return hanging;
  };
  const loopback = [{ address: '127.0.0.1', family: 4 }];
  const answers: NameAnswers = (name) => (name.endsWith('silent.test') ? null : '127.0.0.1');

  it('keeps no name from others by asking for it, too', async () => {
    const { server, dns } = await cacheWith(answers, { limitMs: 30_000 });
    await dns.resolve('known.test');
    const hanging = hang(dns);
    const hostile = dns.resolve('victim.test', 'hostile');
    expect(await dns.resolve('victim.test', 'victim')).toEqual(loopback);
    expect(hanging.ended).toBe(0);
    expect(server.asked.filter((name) => name === 'victim.test')).toHaveLength(1);
    expect(await hostile).toEqual(loopback);
  });

  it('keeps no name from others that only the system knows', async () => {
    const bySystem = (hostname: string) =>
      hostname.endsWith('silent.test') ? new Promise<never>(() => {}) : Promise.resolve(loopback);
    const { dns } = await cacheWith((name) => (name === 'known.test' ? '127.0.0.1' : 'none'), { bySystem });
    await dns.resolve('known.test');
    hang(dns);
    const hostile = dns.resolve('redis', 'hostile');
    expect(await dns.resolve('redis', 'victim')).toEqual(loopback);
    expect(await hostile).toEqual(loopback);
  });
});

describe('a name', () => {
  it('that is gone is not kept alive by what it had', async () => {
    let gone = false;
    const { dns } = await cacheWith(() => (gone ? 'none' : '127.0.0.1'), {}, { ttlMs: 1 });
    await dns.resolve('a.test');
    gone = true;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(dns.resolve('a.test')).rejects.toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo' });
  });

  it.each(['none', 'failure'])('that no name server knows (%s) is asked of the system', async (answer) => {
    const bySystem = async () => [{ address: '127.0.0.9', family: 4 }];
    const { dns } = await cacheWith((name) => (name === 'known.test' ? '127.0.0.1' : answer), { bySystem });
    await dns.resolve('known.test');
    expect(await dns.resolve('redis')).toEqual([{ address: '127.0.0.9', family: 4 }]);
  });

  it('is asked of the system where name servers never answer', async () => {
    const bySystem = async () => [{ address: '127.0.0.9', family: 4 }];
    const { dns } = await cacheWith(() => null, { bySystem });
    expect(await dns.resolve('a.test')).toEqual([{ address: '127.0.0.9', family: 4 }]);
  });

  it('of this machine is found without asking anybody', async () => {
    const { server, dns } = await cacheWith(() => null);
    for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'app.localhost'])
      expect((await dns.resolve(name)).map(({ address }) => address)).toContain('127.0.0.1');
    expect(server.asked).toEqual([]);
  });

  it('in the hosts file is that', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hosts-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'hosts');
    await writeFile(path, '# comment\n10.0.0.1 db DB.internal # more\r\n::1 db\nnonsense here\n');
    const hosts = createHostsFile(path);
    expect(hosts.find('Db')).toEqual([
      { address: '10.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
    expect(hosts.find('db.internal.')).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(hosts.find('here')).toBeNull();
    expect(createHostsFile(join(folder, 'none')).find('db')).toBeNull();
  });
});
