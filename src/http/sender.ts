/**
 * Sends one HTTP request and reports what came of it. The hot path of every delivery: connections are kept alive,
 * URLs are parsed once, and a request costs one timer.
 */
import { LRUCache } from 'lru-cache';
import { atMost } from '../bounded.ts';
import type { HttpResult } from '../domain.ts';
import type { AddressGuard } from './address-guard.ts';
import { ConnectionPools, type OriginPool } from './connection-pool.ts';
import { createDnsCache, type DnsCache } from './dns-cache.ts';
import type { EgressProxy } from './egress-proxy.ts';
import { NO_TIMING } from './timing.ts';
import { USER_AGENT } from '../user-agent.ts';
import { Exchange, type SendRequest } from './exchange.ts';

export { InvalidRequestError, NotBegunError, type SendRequest } from './exchange.ts';

const PARSED_URLS = 5_000;

export interface SenderOptions {
  guard: AddressGuard;
  /** Sent where the request has no User-Agent of its own. */
  userAgent?: string;
  /** Per origin, TLS verification and allowed_ips; further requests wait within their time-out. */
  maxSocketsPerOrigin?: number;
  /** Over all origins. */
  maxIdleSockets?: number;
  dns?: DnsCache;
  proxy?: EgressProxy | null;
}

export interface Sender {
  /**
   * Resolves for everything that the network and the endpoint can do. Rejects only for what is our own: with
   * `signal.reason` when the signal aborts, NotBegunError where `mayBegin` said no, InvalidRequestError for a request that HTTP cannot express, and Error
   * after `close`.
   *
   * Redirects are not followed. A body is read up to 1 MiB and its first 64 KiB are kept; a longer one is cut off
   * and the status code decides.
   */
  send(request: SendRequest, signal?: AbortSignal): Promise<HttpResult>;
  /** Takes no new requests and resolves when the running ones have ended. */
  close(): Promise<void>;
}

interface Target {
  origin: string;
  path: string;
  problem: string | null;
}

export function createSender(options: SenderOptions): Sender {
  const { guard, userAgent = USER_AGENT, dns = createDnsCache(), proxy = null } = options;
  const pools = new ConnectionPools({
    maxSocketsPerOrigin: options.maxSocketsPerOrigin ?? 512,
    maxIdleSockets: options.maxIdleSockets ?? 1024,
  });
  const targets = new LRUCache<string, Target>(atMost(PARSED_URLS));
  let running = 0;
  let closed = false;
  let onQuiet: () => void = () => {};
  const quiet = new Promise<void>((resolve) => {
    onQuiet = resolve;
  });

  function targetOf(url: string): Target {
    const known = targets.get(url);
    if (known !== undefined) return known;
    const problem = guard.urlProblem(url);
    const parsed = problem === null ? new URL(url) : null;
    const target = {
      origin: parsed?.origin ?? '',
      path: parsed ? parsed.pathname + parsed.search : '',
      problem,
    };
    targets.set(url, target);
    return target;
  }

  function poolOf(target: Target, request: SendRequest): OriginPool {
    const { allowedIps, tls = null } = request;
    const verifyTls = request.verifyTls || !guard.permitsUnverifiedTls;
    const policy = () => ({ guard, dns, verifyTls, allowedIps, tls, proxy });
    if (request.fresh) return pools.single(target.origin, policy());
    const key = `${target.origin} ${verifyTls} ${tls === null ? '' : tls.id} ${allowedIps.length === 0 ? '' : allowedIps.join()}`;
    return pools.get(key, target.origin, policy);
  }

  return {
    async send(request, signal) {
      if (closed) throw new Error('The sender has been closed.');
      signal?.throwIfAborted();
      const target = targetOf(request.url);
      if (target.problem !== null) return blocked(target.problem);
      const { method, body } = request;
      const dispatch = { path: target.path, method, headers: headerList(request.headers, userAgent), body };
      let stopListening: (() => void) | undefined;
      running++;
      try {
        return await new Promise((resolve, reject) => {
          const exchange = new Exchange(poolOf(target, request), dispatch, request, resolve, reject);
          if (signal !== undefined) stopListening = abortWith(signal, exchange);
        });
      } finally {
        stopListening?.();
        if (--running === 0 && closed) onQuiet();
      }
    },
    async close() {
      closed = true;
      pools.closeIdle();
      if (running > 0) await quiet;
      pools.closeIdle();
    },
  };
}

const exchangesOfSignal = new WeakMap<AbortSignal, Set<Exchange>>();

/** One listener per signal, not per exchange: hundreds of exchanges may share a worker's shutdown signal. */
function abortWith(signal: AbortSignal, exchange: Exchange): () => void {
  let exchanges = exchangesOfSignal.get(signal);
  if (exchanges === undefined) {
    const all = new Set<Exchange>();
    signal.addEventListener('abort', () => all.forEach((each) => each.abort(signal.reason)), { once: true });
    exchangesOfSignal.set(signal, all);
    exchanges = all;
  }
  const joined = exchanges.add(exchange);
  return () => joined.delete(exchange);
}

/** Name, value, name, value …: the form that costs undici least. */
function headerList(headers: Record<string, string>, userAgent: string): string[] {
  const list: string[] = [];
  let hasUserAgent = false;
  for (const name in headers) {
    list.push(name, headers[name] ?? '');
    hasUserAgent ||= name.length === 10 && name.toLowerCase() === 'user-agent';
  }
  if (!hasUserAgent) list.push('user-agent', userAgent);
  return list;
}

function blocked(message: string): HttpResult {
  return {
    statusCode: null,
    error: { class: 'blocked_address', message },
    remark: null,
    timedOut: false,
    durationMs: 0,
    timing: NO_TIMING,
    responseHeaders: {},
    responseBody: '',
    responseBodyBytes: 0,
    retryAfterSeconds: null,
  };
}
