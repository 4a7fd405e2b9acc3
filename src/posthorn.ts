import pino, { type Logger } from 'pino';
import { TransportError, type WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { createAcceptor, type Acceptor } from './accept/accept.ts';
import type { ApiContext } from './api/context.ts';
import { startApi, type RunningApi } from './api/server.ts';
import { createBatcher } from './batcher.ts';
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
import { createPool, type Pool } from './store/pool.ts';
import { createSeal } from './store/seal.ts';
import { createTenantStore } from './store/tenants.ts';
import { connectTemporal, type Temporal } from './temporal/connection.ts';
import { createWorkers, installRuntime, type DeliveryWorkers } from './temporal/worker.ts';
import { createDeliveryWorkflows } from './temporal/workflows.ts';
import { warmUp } from './warm-up.ts';

export interface PosthornOptions {
  config: Config;
  apiKey: string;
  databaseUrl: string;
  temporalAddress: string;
  workflowBundle: WorkflowBundleOption;
  /** Rehearse before the API takes its first request: half a second of this start for 0.3 s of somebody's publish. */
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

/** Puts one process together and starts it. It serves at once; Temporal is connected as soon as it can be. */
export async function startPosthorn(options: PosthornOptions): Promise<Posthorn> {
  const { config, databaseUrl } = options;
  const log = options.log ?? pino({ level: config.logLevel });
  installRuntime(log);
  const isWorker = config.role !== 'api';
  const profiles = loadProfiles(config.profilesFile);
  const dns = createDnsCache();
  const guard = createAddressGuard({
    dns,
    allowLoopback: config.env === 'development',
    allowHttp: config.env === 'development',
    allowedNetworks: config.allowedNetworks,
  });
  await migrate(databaseUrl);
  const pool = createPool(databaseUrl, config.databasePoolSize);
  // A crowd of requests must not keep attempts from being recorded.
  const dispatchPool = createPool(databaseUrl, DISPATCH_CONNECTIONS);
  const heartbeatDb = createPool(databaseUrl, 1);
  const listener = startListener(databaseUrl, log);
  const seal = createSeal(config.encryptionKey);
  const endpointStore = createEndpointStore(pool, seal, profiles);
  const endpoints = createEndpointCache(endpointStore, listener);
  const tenants = createTenantStore(pool);

  let temporal: Temporal | null = null;
  const client = () => {
    if (!temporal) throw new Error('Temporal is not connected yet');
    return temporal.client;
  };
  const workflows = createDeliveryWorkflows({ client, taskQueue: config.taskQueue, eager: isWorker });
  const sender = createSender({
    guard,
    dns,
    userAgent: 'Posthorn/0.1',
    maxSocketsPerOrigin: config.maxInFlight,
  });
  const dispatch = isWorker
    ? createDispatch({
        config,
        pool: dispatchPool,
        heartbeatDb,
        endpoints,
        endpointStore,
        profiles,
        sender,
        workflows,
        log,
      })
    : null;
  const acceptor = createAcceptor({
    db: pool,
    endpoints,
    tenants,
    dispatcher: dispatch?.dispatcher ?? null,
    processId: () => dispatch?.sweep.processId() ?? null,
    onLeftForOthers: dispatch ? () => {} : createWaitingNotifier(pool),
  });

  listener.on(CHANNELS.waiting, () => dispatch?.sweep.nudge());
  listener.on(CHANNELS.cancelled, (deliveryId) => dispatch?.attempts.cancel(deliveryId));
  await dispatch?.sweep.start();

  const stopping = new AbortController();
  let workers: DeliveryWorkers | null = null;
  const ready = connectWithWorkers();
  ready.catch((error: unknown) => {
    if (!stopping.signal.aborted) log.fatal({ err: error }, 'the Temporal worker could not be started');
  });

  /**
   * Temporal counts as there when the workers are, too. Should it go away again while they are made, all begins
   * anew: a process that starts workflows but carries out none would be worse than one that waits.
   */
  async function connectWithWorkers(): Promise<void> {
    for (;;) {
      const connected = await connectTemporal(
        options.temporalAddress,
        config.temporalAddress === null,
        log,
        stopping.signal,
      );
      try {
        workers = dispatch && (await startWorkers(connected, dispatch));
        temporal = connected;
        return;
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        log.warn({ err: error }, 'Temporal went away while the worker was started; trying on');
        await connected.connection.close().catch(() => {});
      }
    }
  }

  async function startWorkers(connected: Temporal, { attempts, sweep }: Dispatch): Promise<DeliveryWorkers> {
    const { processId } = sweep;
    const started = await createWorkers({
      temporal: connected,
      taskQueue: config.taskQueue,
      workflowBundle: options.workflowBundle,
      callStacks: config.workflowCallStacks,
      activities: createActivities({ attempts, endpoints, db: dispatchPool, acceptor, processId }),
    });
    started.running.catch((error: unknown) => {
      if (stopping.signal.aborted) return;
      log.fatal({ err: error }, 'the Temporal worker failed: this process ends');
      process.exitCode = 1;
      process.kill(process.pid, 'SIGTERM');
    });
    return started;
  }

  const context: ApiContext = {
    config,
    apiKey: options.apiKey,
    pool,
    profiles,
    guard,
    seal,
    endpointStore,
    endpoints,
    tenants,
    acceptor,
    workflows,
    dispatch,
    log,
    temporal: () => temporal,
  };
  const servesApi = config.role !== 'worker';
  if (options.warmUp) {
    const warmed = { api: servesApi ? context : null, dispatchPool: isWorker ? dispatchPool : null };
    await warmUp({ ...warmed, pool, profiles, log });
  }
  const api: RunningApi | null = servesApi ? await startApi(context) : null;

  return {
    url: api?.url ?? null,
    acceptor,
    endpointStore,
    profiles,
    dispatch,
    ready,
    async stop() {
      stopping.abort();
      await api?.stop();
      await dispatch?.drain();
      await workers?.stop();
      await dispatch?.sweep.stop();
      await listener.stop();
      await Promise.race([sender.close(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      await temporal?.connection.close().catch(() => {});
      await Promise.all([pool, dispatchPool, heartbeatDb].map((each) => each.end()));
    },
  };
}

/** Tells the workers that deliveries wait: at once, and what comes while that is under way shares the next call. */
function createWaitingNotifier(pool: Pool): () => void {
  const batcher = createBatcher<null, null>({
    maxItems: Infinity,
    concurrency: 1,
    async run(calls) {
      // A notification that is lost costs time only: workers look every ten seconds anyway.
      await pool.query({ text: `SELECT pg_notify($1, '')`, values: [CHANNELS.waiting] }).catch(() => {});
      return calls;
    },
  });
  return () => void batcher.submit(null);
}
