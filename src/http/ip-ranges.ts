/** What kind of address an IP is, and whether it lies in a network. Pure functions over `ipaddr.js`. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = [Address, number];

const GLOBAL_UNICAST_V6: Network = [ipaddr.IPv6.parse('2000::'), 3];
const NAT64: Network = [ipaddr.IPv6.parse('64:ff9b::'), 96];
/** Azure's host agent: a public number that every virtual machine there reaches without leaving its host. */
const AZURE_HOST_AGENT = '168.63.129.16';

const KINDS: Record<string, string> = {
  unspecified: 'an unspecified address',
  broadcast: 'the broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  carrierGradeNat: 'a carrier-grade NAT address',
  private: 'a private address',
  uniqueLocal: 'a private (unique local) address',
  '6to4': 'a 6to4 address',
  teredo: 'a Teredo address',
};

/**
 * The ways to look at one IP: itself and, where it stands for an IPv4 address that the operating system or a
 * NAT64 gateway will really connect to, that one. The last entry is the real destination.
 *
 * Returns [] for anything but a plain IPv4 or IPv6 address: no octal, hexadecimal or shortened spellings.
 */
export function readingsOf(ip: string): Address[] {
  const address = parseAddress(ip);
  if (address === null) return [];
  if (!isV6(address)) return [address];
  if (address.isIPv4MappedAddress()) return [address, address.toIPv4Address()];
  if (isInside(address, NAT64)) return [address, new ipaddr.IPv4(address.toByteArray().slice(12))];
  return [address];
}

/** null for a public unicast address, else what it is instead, with its article: `a private address`. */
export function specialKindOf(address: Address): string | null {
  const range = address.range();
  const ordinary =
    range === 'unicast' &&
    address.toString() !== AZURE_HOST_AGENT &&
    // IPv6 outside 2000::/3 is unassigned or carries IPv4 in a form of its own (::7f00:1).
    (!isV6(address) || isInside(address, GLOBAL_UNICAST_V6));
  return ordinary ? null : (KINDS[range] ?? 'a reserved address');
}

export function isLoopback(address: Address): boolean {
  return address.range() === 'loopback';
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address. null when it is none of these. */
export function parseNetwork(text: string): Network | null {
  const [ip = '', prefix, ...rest] = text.trim().split('/');
  const address = parseAddress(ip);
  if (address === null || rest.length > 0) return null;
  const bits = isV6(address) ? 128 : 32;
  if (prefix === undefined) return [address, bits];
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return null;
  return [address, Number(prefix)];
}

function parseAddress(ip: string): Address | null {
  const version = isIP(ip);
  if (version === 0) return null;
  if (version === 4) return ipaddr.parse(ip);
  // Respelled because ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4, unlike the operating system. The zone (%eth0) is
  // only which interface a link-local address is on.
  const respelled = new URL(`http://[${ip.replace(/%.*$/, '')}]`).hostname;
  return ipaddr.parse(respelled.slice(1, -1));
}

export function isInside(address: Address, [network, prefix]: Network): boolean {
  if (isV6(address)) return isV6(network) && address.match(network, prefix);
  return !isV6(network) && address.match(network, prefix);
}

function isV6(address: Address): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6';
}
