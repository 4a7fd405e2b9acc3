/** Addresses and networks that requests are taken from, as `GET /v1/egress-ips` names them. Pure. */

interface Network {
  bytes: number[];
  bits: number;
}

/** Throws TypeError that names what is neither an address nor a network. */
export function createSourceCheck(allowed: readonly string[]): (address: string | undefined) => boolean {
  const networks = allowed.map(parseNetwork);
  return (address) => {
    const bytes = address === undefined ? null : parseAddress(address);
    return bytes !== null && networks.some((network) => contains(network, bytes));
  };
}

function parseNetwork(text: string): Network {
  const [address = '', size, more] = text.trim().split('/');
  const bytes = parseAddress(address);
  const most = (bytes?.length ?? 0) * 8;
  // An address of the one kind that is written as one of the other: its network, too, is meant among all of those.
  const isMapped = bytes?.length === 4 && address.includes(':');
  const said = size === undefined ? undefined : /^\d{1,3}$/.test(size) ? Number(size) : NaN;
  const bits = said === undefined ? most : isMapped ? said - 96 : said;
  if (!bytes || more !== undefined || !(bits >= 0 && bits <= most))
    throw new TypeError(
      `allowedSources: "${text}" is neither an address nor a network such as 203.0.113.0/24`,
    );
  return { bytes, bits };
}

function contains({ bytes, bits }: Network, address: readonly number[]): boolean {
  if (bytes.length !== address.length) return false;
  return bytes.every((byte, index) => {
    const significant = Math.min(Math.max(bits - index * 8, 0), 8);
    return byte >> (8 - significant) === address[index]! >> (8 - significant);
  });
}

/** 4 or 16 bytes, of an IPv4 address within IPv6 (`::ffff:192.0.2.1`, as Node tells it) its 4; null: it is none. */
export function parseAddress(text: string): number[] | null {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text.replace(/%.*$/, ''));
  if (!bytes) return null;
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return isMapped ? bytes.slice(12) : bytes;
}

/** Four decimal numbers; not 010.1, which some read as octal. */
function parseIpv4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [before, behind] = halves.map(parseGroups);
  if (!before || behind === null) return null;
  if (behind === undefined) return before.length === 16 ? before : null;
  const gap = 16 - before.length - behind.length;
  return gap >= 2 ? [...before, ...new Array<number>(gap).fill(0), ...behind] : null;
}

/** Groups of four hex digits; the last may be an IPv4 address. */
function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes = groups.map((group, index) => {
    if (group.includes('.')) return index === groups.length - 1 ? parseIpv4(group) : null;
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.some((part) => part === null) ? null : bytes.flatMap((part) => part!);
}
