import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAddressGuard } from '../../src/http/address-guard.ts';
import { createDnsCache } from '../../src/http/dns-cache.ts';

const strict = { allowLoopback: false, allowHttp: false, allowedNetworks: [] };
const production = createAddressGuard(strict);
const development = createAddressGuard({ ...strict, allowLoopback: true, allowHttp: true });

describe('urlProblem', () => {
  it.each([
    'https://example.com',
    'https://example.com/hooks?token=a%20b',
    'https://example.com:8443/x',
    'HTTPS://EXAMPLE.COM/',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example/',
    'https://localhost.example.com/',
    'https://notlocalhost/',
    `https://example.com/${'a'.repeat(2028)}`,
  ])('accepts %s', (url) => {
    expect(production.urlProblem(url)).toBeNull();
  });

  it.each([
    ['', 'empty'],
    ['example.com/hooks', 'not absolute'],
    ['/hooks', 'not absolute'],
    ['//example.com', 'not absolute'],
    ['https:', 'no host'],
    ['https://', 'no host'],
    ['https:///hooks', 'no host'],
    ['https:example.com', 'no host'],
    ['https://?x', 'no host'],
    ['ftp://example.com', 'scheme is ftp:'],
    ['javascript:alert(1)', 'scheme is javascript:'],
    ['file:///etc/passwd', 'scheme is file:'],
    ['http://example.com', 'POSTHORN_ENV=development'],
    ['https://user:secret@example.com', 'auth setting'],
    ['https://user@example.com', 'auth setting'],
    ['https://example.com/#top', 'fragment'],
    ['https://example.com/#', 'fragment'],
    ['https://example.com:99999', 'malformed'],
    ['https://example.com:0/', 'port 0'],
    ['https://exa mple.com', 'space'],
    ['https://example.com/\r\nx: y', 'control character'],
    ['https://example.com/\u0000', 'control character'],
    [' https://example.com', 'space'],
    ['https://[::1', 'malformed'],
    ['https://1.2.3.4.5/', 'malformed'],
    [`https://example.com/${'a'.repeat(2029)}`, 'at most 2048'],
    ['https://localhost/', 'POSTHORN_ENV=development'],
    ['https://LOCALHOST:8443/', 'this machine itself'],
    ['https://localhost./', 'this machine itself'],
    ['https://api.localhost/', 'this machine itself'],
    ['https://127.0.0.1/', 'loopback'],
    ['https://2130706433/', '127.0.0.1 is a loopback'],
    ['https://0x7f.1/', '127.0.0.1 is a loopback'],
    ['https://0177.0.0.1/', '127.0.0.1 is a loopback'],
    ['https://127.1/', '127.0.0.1 is a loopback'],
    ['https://0/', '0.0.0.0 is an unspecified'],
    ['https://169.254.169.254/latest/meta-data/', 'link-local'],
    ['https://[::1]/', '::1 is a loopback'],
    ['https://[::ffff:127.0.0.1]/', 'loopback'],
    ['https://[fd00:ec2::254]/', 'private'],
  ])('refuses %j', (url, problem) => {
    expect(production.urlProblem(url)).toContain(problem);
  });

  it('does not repeat credentials in its message', () => {
    expect(production.urlProblem('https://user:secret@example.com')).not.toContain('secret');
  });

  it('admits http and this machine in development', () => {
    for (const url of [
      'http://localhost:3000/',
      'http://127.0.0.1:9/',
      'http://[::1]/',
      'http://a.localhost',
      'http://example.com',
    ]) {
      expect(development.urlProblem(url)).toBeNull();
    }
    expect(development.urlProblem('http://10.0.0.1/')).toContain('POSTHORN_ALLOWED_NETWORKS');
  });

  it('admits localhost where POSTHORN_ALLOWED_NETWORKS admits its address', () => {
    const guard = createAddressGuard({ ...strict, allowedNetworks: ['127.0.0.0/8'] });
    expect(guard.urlProblem('https://localhost/')).toBeNull();
  });
});

describe('resolveProblem', () => {
  function guardWith(addresses: string[] | (() => Promise<never>)) {
    const resolve = Array.isArray(addresses)
      ? async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      : addresses;
    return createAddressGuard({ ...strict, dns: createDnsCache({ resolve }) });
  }

  it('is content with a name whose addresses are all public', async () => {
    expect(await guardWith(['8.8.8.8', '2606:4700::1']).resolveProblem('https://example.com')).toBeNull();
  });

  it('names the one that is blocked', async () => {
    const problem = await guardWith(['8.8.8.8', '10.0.0.7']).resolveProblem('https://example.com');
    expect(problem).toContain(
      'example.com resolves to an address that is not allowed: 10.0.0.7 is a private address',
    );
  });

  it("applies the endpoint's allowed_ips", async () => {
    const guard = guardWith(['8.8.8.8']);
    expect(await guard.resolveProblem('https://example.com', ['8.8.0.0/16'])).toBeNull();
    expect(await guard.resolveProblem('https://example.com', ['9.9.9.9'])).toContain('allowed_ips');
    expect(await guard.resolveProblem('https://8.8.8.8/', ['9.9.9.9'])).toContain('allowed_ips');
  });

  it('passes on what urlProblem finds, without a lookup', async () => {
    const guard = guardWith(() => Promise.reject(new Error('must not be asked')));
    expect(await guard.resolveProblem('ftp://example.com')).toContain('scheme');
    expect(await guard.resolveProblem('https://127.0.0.1')).toContain('loopback');
  });

  it('lets a name pass that does not resolve, or not within two seconds', async () => {
    const failing = guardWith(() => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })));
    expect(await failing.resolveProblem('https://soon.example')).toBeNull();
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const hanging = guardWith(() => new Promise<never>(() => {}));
    const problem = hanging.resolveProblem('https://slow.example');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await problem).toBeNull();
  });
});
