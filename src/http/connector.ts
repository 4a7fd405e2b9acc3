/** Opens sockets, and only to addresses that the guard admits. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AddressGuard } from './address-guard.ts';
import { asLookup, type DnsCache } from './dns-cache.ts';

/** Before the next address of a name is tried; the last one may take as long as the deadline allows. */
const NEXT_ADDRESS_AFTER_MS = 500;

/** How far a connection has come. */
export type ConnectPhase = 'resolving' | 'connecting' | 'handshaking' | 'established';

/** The message is the guard's sentence. */
export class BlockedAddressError extends Error {
  override name = 'BlockedAddressError';
}

export interface SocketTarget {
  protocol: string;
  /** A name or an IP address without brackets. */
  hostname: string;
  port: number;
  /** What the certificate must be for where it is not `hostname`. */
  servername: string | null;
}

export interface ConnectPolicy {
  guard: AddressGuard;
  dns: DnsCache;
  verifyTls: boolean;
  allowedIps: readonly string[];
}

/**
 * Starts connecting and returns the socket at once, so that it can be destroyed meanwhile (null when the address
 * is blocked outright). `done` is called once; not at all after such a destroy without an error.
 *
 * The addresses of a name are checked in the lookup whose answer the socket then uses: nothing can change between
 * check and connect (DNS rebinding). An address written into the URL sees no lookup and is checked here.
 */
export function openSocket(
  target: SocketTarget,
  policy: ConnectPolicy,
  onPhase: (phase: ConnectPhase) => void,
  done: (error: Error | null, socket: Socket | null) => void,
): Socket | null {
  const literal = isIP(target.hostname) !== 0;
  const problem = literal ? policy.guard.addressProblem(target.hostname, policy.allowedIps) : null;
  if (problem !== null) {
    queueMicrotask(() => done(new BlockedAddressError(problem), null));
    return null;
  }
  onPhase(literal ? 'connecting' : 'resolving');
  const options = {
    host: target.hostname,
    port: target.port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    lookup: asLookup(async (hostname) => {
      const addresses = await admittedAddresses(hostname, policy);
      onPhase('connecting');
      return addresses;
    }),
  };
  const secure = target.protocol === 'https:';
  const socket = secure
    ? connectTls({
        ...options,
        servername: target.servername ?? (literal ? '' : target.hostname),
        rejectUnauthorized: policy.verifyTls,
        ALPNProtocols: ['http/1.1'],
      })
    : connectTcp(options);
  if (secure) socket.once('connect', () => onPhase('handshaking'));

  const onError = (error: Error) => done(error, null);
  socket.once('error', onError);
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    socket.off('error', onError);
    onPhase('established');
    done(null, socket);
  });
  return socket;
}

/** Those of the name's addresses that the guard lets through; blocked when that is none. */
async function admittedAddresses(hostname: string, policy: ConnectPolicy) {
  const addresses = await policy.dns.resolve(hostname);
  let problem: string | null = null;
  const admitted = addresses.filter(({ address }) => {
    const blocked = policy.guard.addressProblem(address, policy.allowedIps);
    problem ??= blocked;
    return blocked === null;
  });
  if (admitted.length > 0) return admitted;
  if (problem !== null) {
    throw new BlockedAddressError(`${hostname} resolves to an address that is not allowed: ${problem}`);
  }
  throw Object.assign(new Error(`${hostname} has no address`), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname,
  });
}
