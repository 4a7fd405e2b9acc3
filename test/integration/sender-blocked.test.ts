import { describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../src/http/address-guard.ts';
import { createDnsCache } from '../../src/http/dns-cache.ts';
import { productionGuard, startHttp, startSender } from '../support/sender-fixtures.ts';

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
