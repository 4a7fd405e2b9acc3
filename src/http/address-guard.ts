/**
 * Which destinations a delivery may go to. An endpoint's URL is written by a customer, so without this anyone
 * could make Posthorn call its own network (server-side request forgery).
 *
 * The same rules speak twice: when an endpoint is created (`urlProblem`, `resolveProblem`) and, what counts,
 * for the address of every connection that is opened (`addressProblem`, see connector.ts).
 */
import { isIP } from 'node:net';
import { createDnsCache, type DnsCache } from './dns-cache.ts';
import { isInside, isLoopback, type Network, parseNetwork, readingsOf, specialKindOf } from './ip-ranges.ts';

export { parseNetwork } from './ip-ranges.ts';

const MAX_URL_LENGTH = 2048;
const RESOLVE_TIMEOUT_MS = 2_000;

export interface AddressGuardOptions {
  /** 127.0.0.0/8, ::1 and the names under localhost. */
  allowLoopback: boolean;
  allowHttp: boolean;
  /** CIDRs or addresses (POSTHORN_ALLOWED_NETWORKS) that pass although they are not public. */
  allowedNetworks: string[];
  /** Whether endpoints may do without verification (POSTHORN_ALLOW_UNVERIFIED_TLS). True unless given. */
  permitUnverifiedTls?: boolean;
  /** Where `resolveProblem` looks names up; its own cache unless given. */
  dns?: DnsCache;
}

/** Every method answers null when all is well, else one or two sentences for whoever has to change something. */
export interface AddressGuard {
  /** Whether `verify_tls: false` is permitted here; else every certificate is verified. */
  readonly permitsUnverifiedTls: boolean;
  /** `allowedIps`: the endpoint's own setting; when not empty, the address must also lie inside one of them. */
  addressProblem(ip: string, allowedIps?: readonly string[]): string | null;
  /** Looks at the text alone and asks no name server. */
  urlProblem(url: string): string | null;
  /**
   * `urlProblem`, and then every address that the name has now. A name that cannot be resolved within two
   * seconds is no problem: its DNS record may still be on its way, and connections are checked anyway.
   */
  resolveProblem(url: string, allowedIps?: readonly string[], tenantId?: string): Promise<string | null>;
}

/** Throws an Error naming the entry when one of `allowedNetworks` is not a network. */
export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const { allowLoopback, allowHttp } = options;
  const dns = options.dns ?? createDnsCache();
  const allowedNetworks = options.allowedNetworks.map(requireNetwork);

  function addressProblem(ip: string, allowedIps: readonly string[] = []): string | null {
    const readings = readingsOf(ip);
    const destination = readings.at(-1);
    if (destination === undefined) return `${ip} is not an IP address.`;
    const insideAny = (networks: readonly Network[]) =>
      networks.some((network) => readings.some((reading) => isInside(reading, network)));

    const kind = specialKindOf(destination);
    const loopback = isLoopback(destination);
    if (kind !== null && !(loopback && allowLoopback) && !insideAny(allowedNetworks)) {
      return `${ip} is ${kind}, and deliveries go only to public addresses. ${admissionHint(ip, loopback)}`;
    }
    if (allowedIps.length > 0 && !insideAny(allowedIps.map(parseNetwork).filter((n) => n !== null))) {
      return `${ip} is not among this endpoint's allowed_ips (${listed(allowedIps)}).`;
    }
    return null;
  }

  function urlProblem(url: string): string | null {
    if (url === '') return 'The URL is empty.';
    if (url.length > MAX_URL_LENGTH)
      return `The URL has ${url.length} characters; at most ${MAX_URL_LENGTH} are allowed.`;
    // Checked before parsing: URL() drops tabs and newlines and repairs `http:example.com`.
    if (/[\s\u0000-\u001f\u007f]/.test(url)) return 'The URL contains a space or a control character.';
    // `https://a\@b` is host a to us and host b to others.
    if (url.includes('\\')) return 'The URL contains a backslash; write %5C, or / where a slash is meant.';
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
    if (scheme === undefined)
      return 'The URL is not absolute: write it in full, like https://example.com/hooks.';
    if (scheme !== 'http' && scheme !== 'https')
      return `The URL's scheme is ${scheme}:; only https:// can be delivered to.`;
    if (!/^https?:\/\/[^/?#\\]/i.test(url))
      return 'The URL has no host: write it in full, like https://example.com/hooks.';
    if (!URL.canParse(url)) return 'The URL is malformed: its host or port cannot be read.';
    return parsedProblem(new URL(url), url);
  }

  function parsedProblem(parsed: URL, text: string): string | null {
    if (parsed.protocol === 'http:' && !allowHttp) {
      return 'The URL uses http://, which is not encrypted; use https://. POSTHORN_ENV=development allows http://.';
    }
    if (parsed.username !== '' || parsed.password !== '') {
      return "The URL contains a user name or password; put credentials into the endpoint's auth setting.";
    }
    if (text.includes('#')) return 'The URL has a fragment (#…), which is never sent; remove it.';
    if (parsed.port === '0') return 'The URL names port 0, which cannot be connected to.';
    const host = hostOf(parsed);
    if (isIP(host) !== 0) return addressProblem(host);
    const isLocalhost = /(^|\.)localhost\.?$/i.test(host);
    if (isLocalhost && addressProblem('127.0.0.1') !== null && addressProblem('::1') !== null) {
      return `${host} is this machine itself, and deliveries go only to public addresses. ${admissionHint('127.0.0.1', true)}`;
    }
    return null;
  }

  async function resolveProblem(
    url: string,
    allowedIps: readonly string[] = [],
    tenantId = '',
  ): Promise<string | null> {
    const problem = urlProblem(url);
    if (problem !== null) return problem;
    const host = hostOf(new URL(url));
    if (isIP(host) !== 0) return addressProblem(host, allowedIps);
    for (const address of await addressesWithin(RESOLVE_TIMEOUT_MS, dns.resolve(host, tenantId))) {
      const blocked = addressProblem(address, allowedIps);
      if (blocked !== null) return `${host} resolves to an address that is not allowed: ${blocked}`;
    }
    return null;
  }

  return {
    permitsUnverifiedTls: options.permitUnverifiedTls ?? true,
    addressProblem,
    urlProblem,
    resolveProblem,
  };
}

/** [] when the name has no address or the answer takes longer than `timeoutMs`. */
async function addressesWithin(
  timeoutMs: number,
  found: Promise<readonly { address: string }[]>,
): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string[]>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, []);
  });
  const answer = found.then(
    (records) => records.map((record) => record.address),
    () => [],
  );
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function admissionHint(ip: string, loopback: boolean): string {
  const add = `add ${ip} or its network to POSTHORN_ALLOWED_NETWORKS`;
  return loopback
    ? `To let it through, run with POSTHORN_ENV=development, or ${add}.`
    : `To let it through, ${add}.`;
}

function requireNetwork(text: string): Network {
  const network = parseNetwork(text);
  if (network === null) {
    throw new Error(
      `POSTHORN_ALLOWED_NETWORKS: "${text}" is neither a network like 10.0.0.0/8 nor an IP address.`,
    );
  }
  return network;
}

/** The host without the brackets of an IPv6 literal. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function listed(items: readonly string[]): string {
  return items.length > 5 ? `${items.slice(0, 5).join(', ')}, …` : items.join(', ');
}
