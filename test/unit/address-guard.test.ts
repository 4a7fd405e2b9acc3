import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../src/http/address-guard.ts';

const strict = { allowLoopback: false, allowHttp: false, allowedNetworks: [] };
const production = createAddressGuard(strict);
const development = createAddressGuard({ ...strict, allowLoopback: true, allowHttp: true });

describe('addressProblem', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '11.0.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '64:ff9b::8.8.8.8',
  ])('lets the public address %s through', (ip) => {
    expect(production.addressProblem(ip)).toBeNull();
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.127.255.255', 'carrier-grade NAT'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['ff02::1', 'multicast'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['::ffff:0.0.0.0', 'unspecified'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.0.1', 'reserved'],
    ['192.0.0.192', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['198.51.100.1', 'reserved'],
    ['203.0.113.1', 'reserved'],
    ['192.88.99.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['198.19.255.255', 'reserved'],
    ['168.63.129.16', 'reserved'],
    ['fd00::1', 'unique local'],
    ['fd00:ec2::254', 'unique local'],
    ['fec0::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['3fff::1', 'reserved'],
    ['100::1', 'reserved'],
    ['::7f00:1', 'reserved'],
    ['::127.0.0.1', 'reserved'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['64:ff9b:1::a00:1', 'reserved'],
    ['2002:a00:1::1', '6to4'],
    ['2002:7f00:1::', '6to4'],
    ['2001:0:7f00:1::', 'Teredo'],
    ['::ffff:0:10.0.0.1', 'reserved'],
  ])('blocks %s as %s', (ip, kind) => {
    expect(production.addressProblem(ip)).toContain(kind);
  });

  it.each([
    '',
    'example.com',
    '0177.0.0.1',
    '0x7f.1',
    '127.1',
    '2130706433',
    '1.2.3.4.5',
    '[::1]',
    ' 8.8.8.8',
    '8.8.8.8/32',
  ])('does not take %j for an address', (ip) => {
    expect(production.addressProblem(ip)).toContain('not an IP address');
  });

  it('admits loopback, and nothing else, in development', () => {
    for (const ip of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
      expect(development.addressProblem(ip)).toBeNull();
    for (const ip of ['0.0.0.0', '::', '10.0.0.1', '169.254.169.254'])
      expect(development.addressProblem(ip)).not.toBeNull();
  });

  it('says which setting would let the address through', () => {
    expect(production.addressProblem('127.0.0.1')).toBe(
      '127.0.0.1 is a loopback address, and deliveries go only to public addresses. To let it through, run with ' +
        'POSTHORN_ENV=development, or add 127.0.0.1 or its network to POSTHORN_ALLOWED_NETWORKS.',
    );
    expect(production.addressProblem('10.1.2.3')).toBe(
      '10.1.2.3 is a private address, and deliveries go only to public addresses. To let it through, add 10.1.2.3 ' +
        'or its network to POSTHORN_ALLOWED_NETWORKS.',
    );
  });

  it('admits what lies in POSTHORN_ALLOWED_NETWORKS, in every spelling', () => {
    const guard = createAddressGuard({
      ...strict,
      allowedNetworks: ['10.0.0.0/8', ' fd00::/8 ', '127.0.0.1'],
    });
    for (const ip of ['10.0.0.0', '10.255.255.255', '::ffff:10.1.1.1', 'fd12::1', '127.0.0.1']) {
      expect(guard.addressProblem(ip)).toBeNull();
    }
    for (const ip of ['11.0.0.1', '9.255.255.255']) expect(guard.addressProblem(ip)).toBeNull();
    for (const ip of ['127.0.0.2', '192.168.0.1', 'fe80::1', '::1'])
      expect(guard.addressProblem(ip)).not.toBeNull();
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fd00::/129',
    '10.0.0/8',
    'localhost',
    '',
    '10.0.0.0/-1',
    '10.0.0.0/1e1',
  ])('refuses %j as an allowed network', (network) => {
    expect(() => createAddressGuard({ ...strict, allowedNetworks: [network] })).toThrow(
      `POSTHORN_ALLOWED_NETWORKS: "${network}"`,
    );
  });

  it("narrows down to an endpoint's allowed_ips, and never widens by them", () => {
    const allowed = ['198.51.0.0/17', '8.8.8.0/24', '2606:4700::/32', '10.0.0.0/8'];
    expect(production.addressProblem('8.8.8.8', allowed)).toBeNull();
    expect(production.addressProblem('::ffff:8.8.8.8', allowed)).toBeNull();
    expect(production.addressProblem('2606:4700::1', allowed)).toBeNull();
    expect(production.addressProblem('8.8.4.4', allowed)).toContain(
      "not among this endpoint's allowed_ips (198.51.0.0/17, ",
    );
    expect(production.addressProblem('10.0.0.1', allowed)).toContain('private');
    expect(production.addressProblem('8.8.8.8', ['nonsense'])).toContain('allowed_ips');
    expect(production.addressProblem('8.8.8.8', [])).toBeNull();
  });
});

describe('properties', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const privateV4 = fc
    .tuple(
      fc.constantFrom(
        '10',
        '127',
        '169.254',
        '192.168',
        '172.16',
        '172.31',
        '100.64',
        '0',
        '224',
        '255',
        '198.18',
      ),
      octet,
      octet,
      octet,
    )
    .map(([prefix, ...rest]) => [...prefix.split('.'), ...rest].slice(0, 4).map(Number));

  function mappedSpellings(octets: number[]): string[] {
    const [a = 0, b = 0, c = 0, d = 0] = octets;
    const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    const dotted = octets.join('.');
    return [
      `::ffff:${dotted}`,
      `::FFFF:${dotted}`,
      `::ffff:${hex}`,
      `0:0:0:0:0:ffff:${hex}`,
      `0000:0000:0000:0000:0000:ffff:${dotted}`,
      `0::ffff:${hex.toUpperCase()}`,
      `64:ff9b::${dotted}`,
      `64:ff9b::${hex}`,
      `::${dotted}`,
      `::${hex}`,
      `::ffff:0:${hex}`,
      `2002:${hex}::`,
      `2001:0:${hex}::1`,
      `64:ff9b:1::${hex}`,
    ];
  }

  it('blocks a private IPv4 address in every form that IPv6 has for it', () => {
    fc.assert(
      fc.property(privateV4, (octets) => {
        expect(production.addressProblem(octets.join('.'))).not.toBeNull();
        for (const spelling of mappedSpellings(octets)) {
          expect(production.addressProblem(spelling), spelling).not.toBeNull();
          expect(production.urlProblem(`https://[${spelling}]/`), spelling).not.toBeNull();
        }
      }),
    );
  });

  it('blocks a private IPv4 address in every form that a URL has for it', () => {
    fc.assert(
      fc.property(privateV4, ([a = 0, b = 0, c = 0, d = 0]) => {
        const number = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
        const octal = (part: number) => `0${part.toString(8)}`;
        const hosts = [
          `${number}`,
          `0x${number.toString(16)}`,
          `0${number.toString(8)}`,
          [a, b, c, d].map(octal).join('.'),
          `0x${a.toString(16)}.${b}.${octal(c)}.${d}`,
          `${a}.${b}.${c * 256 + d}`,
          `${a}.${b * 65_536 + c * 256 + d}`,
          `${a}.${b}.${c}.${d}.`,
          `${a}%2e${b}.${c}.${d}`,
          `${a}。${b}．${c}｡${d}`,
        ];
        for (const host of hosts) expect(production.urlProblem(`https://${host}/`), host).not.toBeNull();
      }),
    );
  });

  it('answers null or a sentence for any text, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6(), fc.webUrl()), (text) => {
        for (const problem of [production.addressProblem(text), production.urlProblem(text)]) {
          expect(problem === null || /\.$/.test(problem)).toBe(true);
        }
      }),
    );
  });
});
