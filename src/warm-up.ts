/**
 * What a process does before its first request, so that this one is not the slow one: the first hundred requests would
 * otherwise wait a quarter longer for code that is compiled as it runs and for statements that Postgres plans.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Authenticator } from './access/authenticator.ts';
import { ROOT } from './access/credential.ts';
import { createAcceptor } from './accept/accept.ts';
import type { ApiContext } from './api/context.ts';
import { createListener } from './api/server.ts';
import { exchange } from './dispatch/exchange.ts';
import type { Endpoint, EventRecord } from './domain.ts';
import { createAddressGuard } from './http/address-guard.ts';
import { createSender } from './http/sender.ts';
import { createMetrics } from './metrics/metrics.ts';
import { Problem } from './problem.ts';
import type { Profiles } from './profiles/index.ts';
import { generateSecret } from './signing/secret.ts';
import { insertEvents } from './store/insert-events.ts';
import type { Pool, Queryable } from './store/pool.ts';
import { recordAttempts } from './store/record-attempts.ts';

const LIMIT_MS = 3_000;
const CONNECTIONS = 3;
const ROUNDS = 50;
const AT_A_TIME = 8;
/** For whoever finds the port while it is open. */
const NOT_OURS = new Problem('unauthorized', 'This port takes no requests.');

export interface WarmUpDeps {
  /** For requests; null in a `worker`. */
  api: ApiContext | null;
  pool: Pool;
  /** For deliveries; null in an `api` process. */
  dispatchPool: Pool | null;
  profiles: Profiles;
  log: Logger;
}

/** Takes half a second or so. Leaves no trace, and never fails: what is not warm is slow once. */
export async function warmUp(deps: WarmUpDeps): Promise<void> {
  const { api, pool, dispatchPool, profiles } = deps;
  const startedAt = performance.now();
  const limit = new AbortController();
  const work = Promise.all([
    api && onConnections(pool, (db) => insertEvents(db, [])),
    dispatchPool && onConnections(dispatchPool, (db) => recordAttempts(db, [])),
    api && rehearseRequests(api, limit.signal),
    dispatchPool && rehearseAttempts(profiles, limit.signal),
  ]).catch((error: unknown) => deps.log.warn({ err: error }, 'this process did not warm up'));
  await Promise.race([work, sleep(LIMIT_MS, undefined, { ref: false })]);
  limit.abort();
  deps.log.debug({ durationMs: Math.round(performance.now() - startedAt) }, 'warmed up');
}

/** Several connections that are open and know the statement, which is carried out for an empty group. */
async function onConnections(pool: Pool, statement: (db: Queryable) => Promise<unknown>): Promise<void> {
  const count = Math.min(CONNECTIONS, pool.options.max);
  const connecting = await Promise.allSettled(Array.from({ length: count }, () => pool.connect()));
  const clients = connecting.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    await Promise.all(clients.map(statement));
  } finally {
    for (const client of clients) client.release();
  }
}

/** Events published to an API like ours, with a key that nobody has, behind which nothing is written. */
async function rehearseRequests(context: ApiContext, limit: AbortSignal): Promise<void> {
  const written: Queryable = {
    query: ({ values }) => {
      const [, uids] = values as [string[], string[]];
      return Promise.resolve({ rows: [{ uids, lanes: [] }] } as never);
    },
  };
  const acceptor = createAcceptor({
    metrics: createMetrics(),
    db: written,
    pool: context.pool,
    endpoints: { matching: () => Promise.resolve([rehearsedEndpoint('http://unused')]) },
    tenants: { ...context.tenants, ensure: () => Promise.resolve() },
    catalogue: context.catalogue,
    dispatcher: null,
    processId: () => null,
    onLanes: () => {},
    onLeft: () => {},
  });
  const authorization = `Bearer ${randomUUID()}`;
  const headers = { authorization, 'content-type': 'application/json' };
  // Of its own: the one that all share would go by way of a proxy where the environment names one.
  const agent = new Agent({ keepAlive: true });
  const body = JSON.stringify({ type: 'thing.made', data: { text: 'x'.repeat(300) } });
  const authenticate: Authenticator['authenticate'] = (presented) =>
    presented === authorization ? Promise.resolve(ROOT) : Promise.reject(NOT_OURS);
  const access = { ...context.access, authenticator: { ...context.access.authenticator, authenticate } };
  await served(limit, createListener({ ...context, access, acceptor }), (port) => {
    const path = '/v1/tenants/rehearsal/events';
    return repeated(limit, async () => {
      const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path, headers }).end(body);
      const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
      await once(answer.resume(), 'end');
    });
  }).finally(() => agent.destroy());
}

/** Attempts rendered, signed and sent to a receiver of our own. */
async function rehearseAttempts(profiles: Profiles, limit: AbortSignal): Promise<void> {
  const guard = createAddressGuard({ allowLoopback: true, allowHttp: true, allowedNetworks: [] });
  const sender = createSender({ guard });
  try {
    await served(
      limit,
      (incoming, response) => void incoming.resume().once('end', () => response.end('ok')),
      (port) => {
        const endpoint = rehearsedEndpoint(`http://127.0.0.1:${port}/`);
        const attempt = {
          endpoint,
          event: EVENT,
          deliveryId: 'dlv',
          number: 1,
          trigger: 'schedule',
        } as const;
        return repeated(limit, () => exchange(sender, profiles, attempt));
      },
    );
  } finally {
    await sender.close();
  }
}

async function served(
  limit: AbortSignal,
  listener: RequestListener,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  limit.addEventListener('abort', close);
  try {
    await once(server, 'listening', { signal: limit });
    await use((server.address() as AddressInfo).port);
  } finally {
    close();
  }
}

async function repeated(limit: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  for (let round = 0; round < ROUNDS && !limit.aborted; round += 1)
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

const EVENT: EventRecord = {
  id: 'evt_rehearsal',
  tenantId: 'rehearsal',
  type: 'thing.made',
  environment: 'production',
  timestamp: new Date(0),
  data: JSON.stringify({ text: 'x'.repeat(300) }),
};

function rehearsedEndpoint(url: string): Endpoint {
  return {
    ...{ id: 'ep_rehearsal', tenantId: 'rehearsal', name: null, profile: 'standard', url, method: 'POST' },
    ...{
      events: ['*'],
      environments: ['production'],
      secret: SECRET,
      previousSecrets: [],
      signature: 'hmac',
      signingKey: null,
      clientCertificate: null,
      timeoutSeconds: 2,
    },
    ...{
      retrySettings: {} as Endpoint['retrySettings'],
      notifyOnFailure: false,
      headers: {},
    },
    ...{ schedule: { delaysSeconds: [0], maxRetries: 0, jitter: 0 }, auth: null, verifyTls: true, ca: null },
    ...{
      allowedIps: [],
      maxInFlight: null,
      template: null,
      ordering: 'none',
      rateLimit: null,
      slowedUntil: null,
      enabled: true,
      release: null,
      disabledReason: null,
      unreadable: null,
      metadata: {},
    },
    ...{ createdAt: EVENT.timestamp, updatedAt: EVENT.timestamp },
  };
}

const SECRET = generateSecret('whsec');
