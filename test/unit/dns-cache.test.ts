import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { asLookup, createDnsCache } from '../../src/http/dns-cache.ts';
import { sleep } from '../support/sender-fixtures.ts';

const ADDRESSES = [
  { address: '192.0.2.1', family: 4 },
  { address: '2001:db8::1', family: 6 },
];

describe('createDnsCache', () => {
  it('asks once for concurrent and for following lookups of a name', async () => {
    const asked: string[] = [];
    const dns = createDnsCache({
      resolve: async (name) => {
        asked.push(name);
        await sleep(10);
        return ADDRESSES;
      },
    });
    await Promise.all(Array.from({ length: 20 }, () => dns.resolve('a.example')));
    expect(await dns.resolve('a.example')).toEqual(ADDRESSES);
    await dns.resolve('b.example');
    expect(asked).toEqual(['a.example', 'b.example']);
  });

  it('asks again when the time is over, sooner after a failure', async () => {
    let nowMs = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    onTestFinished(() => clock.mockRestore());
    const pass = async (ms: number) => {
      nowMs += ms;
      // The cache looks at the clock once a millisecond.
      await sleep(5);
    };
    let calls = 0;
    const dns = createDnsCache({
      ttlMs: 150,
      failureTtlMs: 30,
      resolve: async (name) => {
        calls++;
        if (name === 'missing.example') throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
        return ADDRESSES;
      },
    });
    for (const name of ['a.example', 'missing.example']) {
      await dns.resolve(name).catch(() => {});
      await dns.resolve(name).catch(() => {});
    }
    expect(calls).toBe(2);
    await pass(60);
    await expect(dns.resolve('missing.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await dns.resolve('a.example');
    expect(calls).toBe(3);
    await pass(120);
    await dns.resolve('a.example');
    expect(calls).toBe(4);
  });

  it('forgets the name used longest ago when it holds too many', async () => {
    let calls = 0;
    const dns = createDnsCache({
      maxNames: 100,
      resolve: async () => {
        calls++;
        return ADDRESSES;
      },
    });
    for (let i = 0; i < 150; i++) await dns.resolve(`${i}.example`);
    await dns.resolve('149.example');
    expect(calls).toBe(150);
    await dns.resolve('0.example');
    expect(calls).toBe(151);
  });
});

describe('asLookup', () => {
  it('answers in both of the forms that sockets ask for', async () => {
    const lookup = asLookup(async () => ADDRESSES);
    const all = await new Promise((resolve) =>
      lookup('a.example', { all: true }, (_error, found) => resolve(found)),
    );
    const one = await new Promise((resolve) => lookup('a.example', {}, (_error, ...found) => resolve(found)));
    expect(all).toEqual(ADDRESSES);
    expect(one).toEqual(['192.0.2.1', 4]);
  });
});
