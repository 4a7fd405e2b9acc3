import pino, { type Logger } from 'pino';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { createActivities } from '../activities/index.ts';
import { createAcceptor, type Acceptor } from './accept/accept.ts';
import type { ApiContext } from './api/context.ts';
import { startApi } from './api/server.ts';
import { Closers } from './closers.ts';
import type { Config } from './config.ts';
import { createDispatch, type Dispatch } from './dispatch/index.ts';
import { createAddressGuard } from './http/address-guard.ts';
import { createDnsCache } from './http/dns-cache.ts';
import { createSender } from './http/sender.ts';
import { loadProfiles, type Profiles } from './profiles/index.ts';
import { createEndpointCache } from './store/endpoint-cache.ts';
import { createEndpointStore, type EndpointStore } from './store/endpoints.ts';
import { CHANNELS, startListener } from './store/listener.ts';
import { migrate } from './store/migrate.ts';
import { createWaitingNotifier } from './store/notify-waiting.ts';
import { createPool } from './store/pool.ts';
import { createSeal } from './store/seal.ts';
import { createTenantStore } from './store/tenants.ts';
import type { Temporal } from './temporal/connection.ts';
import { createTemporalLink } from './temporal/link.ts';
import { createWorkers, installRuntime, type DeliveryWorkers } from './temporal/worker.ts';
import { createDeliveryWorkflows } from './temporal/workflows.ts';
import { warmUp } from './warm-up.ts';

export interface PosthornOptions {
  config: Config;
  apiKey: string;
  databaseUrl: string;
  temporalAddress: string;
  workflowBundle: WorkflowBundleOption;
  /** Rehearse before the API takes its first request: half a second of this start, for a quicker first publish. */
  warmUp?: boolean;
  log?: Logger;
}

export interface Posthorn {
  /** Of the API; null in a `worker` process. */
  url: string | null;
  acceptor: Acceptor;
  endpointStore: EndpointStore;
  profiles: Profiles;
  dispatch: Dispatch | null;
  /** Resolves when Temporal is connected and, where there is one, the worker polls. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

const DISPATCH_CONNECTIONS = 6;
const SENDER_CLOSE_MS = 1_000;

/**
 * Puts one process together and starts it. It serves at once; Temporal is connected as soon as it can be. A start that
 * fails leaves nothing open.
 */
export async function startPosthorn(options: PosthornOptions): Promise<Posthorn> {
  const log = options.log ?? pino({ level: options.config.logLevel });
  const closers = new Closers(log);
  try {
    return await start(options, log, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function start(options: PosthornOptions, log: Logger, closers: Closers): Promise<Posthorn> {
  const { config } = options;
  installRuntime(log);
  const isWorker = config.role !== 'api';
  const profiles = loadProfiles(config.profilesFile);
  const { pool, dispatchPool, heartbeatDb, listener } = await openDatabase(options, log, closers);
  const seal = createSeal(config.encryptionKey);
  const endpointStore = createEndpointStore(pool, seal, profiles);
  const endpoints = createEndpointCache(endpointStore, listener);
  const tenants = createTenantStore(pool);
  const { guard, sender } = openSender(config, closers);

  const client = () => {
    const temporal = link.current();
    if (!temporal) throw new Error('Temporal is not connected yet');
    return temporal.client;
  };
  const workflows = createDeliveryWorkflows({ client, taskQueue: config.taskQueue, eager: isWorker });
  const common = { config, endpoints, endpointStore, profiles, workflows, log };
  const dispatch = isWorker ? createDispatch({ ...common, pool: dispatchPool, heartbeatDb, sender }) : null;
  const processId = () => dispatch?.sweep.processId() ?? null;
  const acceptor = createAcceptor({
    db: pool,
    endpoints,
    tenants,
    dispatcher: dispatch?.dispatcher ?? null,
    processId,
    onLeftForOthers: dispatch ? () => {} : createWaitingNotifier(pool),
  });
  const link = createTemporalLink({
    address: options.temporalAddress,
    isEmbedded: config.temporalAddress === null,
    createWorkers: dispatch && ((temporal) => createWorkersFor(temporal, dispatch)),
    onWorkersFailed(error) {
      log.fatal({ err: error }, 'the Temporal worker failed: this process ends');
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    },
    log,
  });

  function createWorkersFor(temporal: Temporal, { attempts }: Dispatch): Promise<DeliveryWorkers> {
    return createWorkers({
      temporal,
      taskQueue: config.taskQueue,
      workflowBundle: options.workflowBundle,
      callStacks: config.workflowCallStacks,
      activities: createActivities({ attempts, endpoints, db: dispatchPool, acceptor, processId }),
    });
  }

  closers.push("Temporal's connection", () => link.close());
  listener.on(CHANNELS.waiting, () => dispatch?.sweep.nudge());
  listener.on(CHANNELS.cancelled, (deliveryId) => dispatch?.attempts.cancel(deliveryId));
  closers.push('the sweep', () => dispatch?.sweep.stop());
  closers.push('the workers', () => link.stopWorkers());
  closers.push('the dispatcher', () => dispatch?.drain());

  const context: ApiContext = {
    ...{ ...common, apiKey: options.apiKey, pool, guard, seal, tenants, acceptor, dispatch },
    temporal: () => link.current(),
  };
  const served = config.role === 'worker' ? null : context;
  if (options.warmUp)
    await warmUp({ api: served, pool, dispatchPool: isWorker ? dispatchPool : null, profiles, log });
  // Nothing is claimed before everything else has been started: a start that fails or is stopped attempts nothing.
  await dispatch?.sweep.register();
  const api = served && (await startApi(served));
  closers.push('the API', () => api?.stop());
  dispatch?.sweep.start();
  const ready = link.connect();

  const stop = () => closers.closeAll();
  return { url: api?.url ?? null, acceptor, endpointStore, profiles, dispatch, ready, stop };
}

/** Tables as this version needs them, and connections for each purpose. */
async function openDatabase({ config, databaseUrl }: PosthornOptions, log: Logger, closers: Closers) {
  await migrate(databaseUrl);
  const open = (connections: number) => {
    const pool = createPool(databaseUrl, connections);
    closers.push('a pool of database connections', () => pool.end());
    return pool;
  };
  const pool = open(config.databasePoolSize);
  // A crowd of requests must not keep attempts from being recorded.
  const dispatchPool = open(DISPATCH_CONNECTIONS);
  const heartbeatDb = open(1);
  const listener = startListener(databaseUrl, log);
  closers.push('the listener', () => listener.stop());
  return { pool, dispatchPool, heartbeatDb, listener };
}

function openSender(config: Config, closers: Closers) {
  const dns = createDnsCache();
  const guard = createAddressGuard({
    dns,
    allowLoopback: config.env === 'development',
    allowHttp: config.env === 'development',
    allowedNetworks: config.allowedNetworks,
  });
  const sender = createSender({
    guard,
    dns,
    userAgent: 'Posthorn/0.1',
    maxSocketsPerOrigin: config.maxInFlight,
  });
  closers.push('the sender', () =>
    Promise.race([sender.close(), sleep(SENDER_CLOSE_MS, undefined, { ref: false })]),
  );
  return { guard, sender };
}
