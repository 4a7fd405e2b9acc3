import { expect, it } from 'vitest';
import { createDnsCache } from '../../src/http/dns-cache.ts';
import { createSharedLookups } from '../../src/http/shared-lookups.ts';

const ADDRESSES = [{ address: '192.0.2.1', family: 4 }];

/** Names that begin with `silent` keep their turns for ever. */
function lookupsOfOneEach() {
  const asked: string[] = [];
  const ends: (() => void)[] = [];
  const lookUp = createSharedLookups({
    all: 10,
    each: 1,
    limitMs: 50,
    lookUp: (hostname) => {
      asked.push(hostname);
      if (hostname.startsWith('silent')) return new Promise(() => {});
      return new Promise((resolve) => ends.push(() => resolve(ADDRESSES)));
    },
  });
  const end = () => ends.splice(0).forEach((each) => each());
  return { lookUp, asked, end };
}

it('a look-up that waits for its turn joins the one that somebody else begins', async () => {
  const { lookUp, asked, end } = lookupsOfOneEach();
  const hanging = lookUp('silent.example', 'a');
  const waits = lookUp('name.example', 'a');
  expect(asked).toEqual(['silent.example']);
  const runs = lookUp('name.example', 'b');
  const joins = lookUp('name.example', 'c');
  expect(asked).toEqual(['silent.example', 'name.example']);
  end();
  expect(await Promise.all([waits, runs, joins])).toEqual([ADDRESSES, ADDRESSES, ADDRESSES]);
  await expect(hanging).rejects.toMatchObject({ code: 'ETIMEOUT' });
});

it('having waited in vain is an answer about no name: the cache keeps it for nobody', async () => {
  const { lookUp, asked, end } = lookupsOfOneEach();
  const dns = createDnsCache({ resolve: lookUp });
  const hanging = dns.resolve('silent.example', 'a').catch(({ code }) => code);
  await expect(dns.resolve('name.example', 'a')).rejects.toMatchObject({ code: 'EBUSY' });
  expect(await hanging).toBe('ETIMEOUT');
  const runs = dns.resolve('name.example', 'b');
  end();
  expect(await runs).toEqual(ADDRESSES);
  expect(await dns.resolve('name.example', 'a')).toEqual(ADDRESSES);
  // What ran and was silent is kept, so that it is not asked at once again.
  await expect(dns.resolve('silent.example', 'b')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  expect(asked).toEqual(['silent.example', 'name.example']);
});
