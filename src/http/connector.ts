/** Opens sockets, and only to addresses that the guard admits. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AddressGuard } from './address-guard.ts';
import { asLookup, type DnsCache } from './dns-cache.ts';
import { CIPHERS, type TlsIdentity } from './tls-identity.ts';
import { openTunnel, type EgressProxy } from './egress-proxy.ts';
import { lookupError } from './lookup-error.ts';

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
  /** The tenant for whom it is opened first: the name is looked up in their turn. */
  payer: string;
  /** What the certificate must be for where it is not `hostname`. */
  servername: string | null;
}

export interface ConnectPolicy {
  guard: AddressGuard;
  dns: DnsCache;
  verifyTls: boolean;
  tls: TlsIdentity | null;
  /** Every connection goes through it; null: straight. */
  proxy: EgressProxy | null;
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
  if (policy.proxy !== null) return openThroughProxy(target, policy, policy.proxy, onPhase, done);
  const options = {
    host: target.hostname,
    port: target.port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    lookup: asLookup(async (hostname) => {
      const addresses = await admittedAddresses(hostname, target.payer, policy);
      onPhase('connecting');
      return addresses;
    }),
  };
  const secure = isSecure(target);
  const socket = secure ? connectTls({ ...options, ...tlsOptions(target, policy) }) : connectTcp(options);
  if (secure) socket.once('connect', () => onPhase('handshaking'));
  whenOpen(socket, secure, onPhase, done);
  return socket;
}

const isSecure = ({ protocol }: SocketTarget): boolean => protocol === 'https:';

function tlsOptions({ servername, hostname }: SocketTarget, { verifyTls, tls }: ConnectPolicy) {
  return {
    servername: servername ?? (isIP(hostname) ? '' : hostname),
    rejectUnauthorized: verifyTls,
    ALPNProtocols: ['http/1.1'],
    ...(tls === null ? { ciphers: CIPHERS } : { secureContext: tls.context }),
  };
}

function whenOpen(
  socket: Socket,
  secure: boolean,
  onPhase: (phase: ConnectPhase) => void,
  done: (error: Error | null, socket: Socket | null) => void,
): void {
  const onError = (error: Error) => done(error, null);
  socket.once('error', onError);
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    socket.off('error', onError);
    onPhase('established');
    done(null, socket);
  });
}

/** The tunnel leads to an address that the guard has admitted, unless the proxy is to look names up itself. */
function openThroughProxy(
  target: SocketTarget,
  policy: ConnectPolicy,
  proxy: EgressProxy,
  onPhase: (phase: ConnectPhase) => void,
  done: (error: Error | null, socket: Socket | null) => void,
): Socket {
  const chosen = destinationOf(target, policy, proxy).then((host) => {
    onPhase('connecting');
    return `${host.includes(':') ? `[${host}]` : host}:${target.port}`;
  });
  return openTunnel(proxy, chosen, (error, tunnel) => {
    if (tunnel === null || !isSecure(target)) {
      if (tunnel !== null) onPhase('established');
      return done(error, tunnel);
    }
    onPhase('handshaking');
    whenOpen(connectTls({ socket: tunnel, ...tlsOptions(target, policy) }), true, onPhase, done);
  });
}

async function destinationOf(
  target: SocketTarget,
  policy: ConnectPolicy,
  proxy: EgressProxy,
): Promise<string> {
  const { hostname, payer } = target;
  if (isIP(hostname) !== 0) return hostname;
  if (!proxy.resolves) return (await admittedAddresses(hostname, payer, policy))[0]!.address;
  if (policy.allowedIps.length > 0)
    throw new BlockedAddressError(
      `allowed_ips cannot be kept to: the egress proxy looks names up itself, so nobody here knows the address of ${hostname}.`,
    );
  return hostname;
}

/** Those of the name's addresses that the guard lets through; blocked when that is none. */
async function admittedAddresses(hostname: string, payer: string, policy: ConnectPolicy) {
  const addresses = await policy.dns.resolve(hostname, payer);
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
  throw lookupError(hostname, 'ENOTFOUND');
}
