import pino, { type Logger } from 'pino';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { createAcceptor, type Acceptor } from './accept/accept.ts';
import { createAccess } from './access/index.ts';
import type { ApiContext } from './api/context.ts';
import { readiness } from './api/readiness.ts';
import { startApi } from './api/server.ts';
import { openCatalogue } from './catalogue/index.ts';
import { Closers } from './closers.ts';
import type { Config } from './config.ts';
import { createDeliveryWorkers } from './delivery-workers.ts';
import { createDispatch, type Dispatch } from './dispatch/index.ts';
import { createTrials } from './dispatch/trials.ts';
import { SLOW_PER_QUICK } from './dispatch/gate.ts';
import { hearFromOthers } from './dispatch/hear-from-others.ts';
import { createEndpointServices } from './endpoint-services.ts';
import { openSender } from './http/open-sender.ts';
import { countSandbox } from './metrics/count-sandbox.ts';
import { openMetrics, serveMetrics } from './metrics/index.ts';
import { createNotifyPasses, type ShowMail } from './notify/index.ts';
import { loadProfiles, type Profiles } from './profiles/index.ts';
import { createSandbox } from './sandbox/pool.ts';
import type { EndpointStore } from './store/endpoints.ts';
import { createLaneNotifier } from './store/notify-lanes.ts';
import { createWaitingNotifier } from './store/notify-waiting.ts';
import { warnOfFewLocks } from './store/lock-room.ts';
import { openDatabase } from './store/open-database.ts';
import { createNoticeWorkflows } from './temporal/notice-workflows.ts';
import { createLongWork } from './temporal/long-work.ts';
import { createTemplates } from './templates/index.ts';
import { createTemporalLink } from './temporal/link.ts';
import { installRuntime } from './temporal/worker.ts';
import { createDeliveryWorkflows } from './temporal/workflows.ts';
import { warmUp } from './warm-up.ts';

export interface PosthornOptions {
  config: Config;
  apiKey: string;
  databaseUrl: string;
  temporalAddress: string;
  workflowBundle: WorkflowBundleOption;
  /** Of the Temporal server that was started beside this. */
  temporalUiUrl?: string | null;
  /** Where mails are shown when there is no mail server. */
  showMail?: ShowMail | null;
  log?: Logger;
}

export interface Posthorn {
  /** Of the API; null in a `worker` process. */
  url: string | null;
  /** Where METRICS_PORT listens; null: it is not set. */
  metricsPort: number | null;
  acceptor: Acceptor;
  endpointStore: EndpointStore;
  profiles: Profiles;
  dispatch: Dispatch | null;
  /** Resolves when Temporal is connected and, where there is one, the worker polls. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

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
  const isWorker = config.role !== 'api';
  const openedMetrics = await openMetrics(config);
  const { metrics } = openedMetrics;
  installRuntime(log, openedMetrics.temporalAddress, () => metrics.workflowTaskFailures.inc());
  const profiles = loadProfiles(config.profilesFile);
  const database = await openDatabase(options.databaseUrl, config.databasePoolSize, log, closers);
  const { pool, dispatchPool, heartbeatDb, listPool, listener } = database;
  const { retentionDays } = config;
  if (isWorker)
    void warnOfFewLocks(
      listPool,
      { retentionDays, connections: dispatchPool.options.max + database.longWorkPool.options.max },
      log,
    );
  // Of each origin as many as the gate lets through: it alone decides what waits.
  const { guard, sender } = openSender(config, config.maxInFlight * (1 + SLOW_PER_QUICK), closers);

  const link = createTemporalLink({
    address: options.temporalAddress,
    isEmbedded: config.temporalAddress === null,
    createWorkers: isWorker ? (temporal) => createWorkers!(temporal) : null,
    onWorkersFailed: (error) => endProcess(log, error),
    log,
  });
  closers.push("Temporal's connection", () => link.close());
  const workflows = createDeliveryWorkflows({
    client: () => link.connected().client,
    taskQueue: config.taskQueue,
    eager: isWorker,
    onUnprepared: () => link.prepareAgain(),
  });
  const longWork = createLongWork({ client: () => link.connected().client, taskQueue: config.taskQueue });
  const sandbox = countSandbox(
    metrics,
    createSandbox(() => metrics.sandboxProcesses.inc()),
  );
  closers.push('the threads of the sandbox', () => sandbox.stop());
  const catalogue = openCatalogue({ database, profiles, sandbox, closers, log });
  const templates = createTemplates(sandbox);
  const services = createEndpointServices({
    ...{ config, database, profiles, guard, catalogue, templates, workflows, longWork, log },
    temporalIsConnected: () => link.current() !== null,
  });
  const { endpointStore, endpoints, changes, seal, tenants } = services;
  const access = createAccess({
    ...{ rootKey: options.apiKey, db: pool, listener, seal, tenants, log },
    rates: { perKey: config.keyRequestsPerSecond, perTenantOfTokens: config.tokenRequestsPerSecond },
  });
  closers.push('the key ring', () => access.stop());
  const common = { config, endpoints, changes, profiles, workflows, longWork, metrics, log };
  const dispatch = isWorker
    ? createDispatch({ ...common, pool: dispatchPool, heartbeatDb, sender, templates })
    : null;
  const processId = () => dispatch?.membership.id ?? null;
  const notifyWaiting = createWaitingNotifier(pool, processId);
  const notifyLanes = createLaneNotifier(pool, processId);
  const acceptor = createAcceptor({
    ...{ ...services, db: pool, pool, processId, metrics, catalogue },
    dispatcher: dispatch?.dispatcher ?? null,
    onLeft(waiting) {
      dispatch?.claimer.left(waiting);
      notifyWaiting(waiting);
    },
    onLanes(lanes) {
      dispatch?.lanes.entered(lanes);
      const others = lanes.filter(({ workedBy }) => workedBy !== null && workedBy !== processId());
      const due = dispatch ? [] : lanes.filter(({ isDue }) => isDue);
      notifyLanes({ due, more: others.map(({ endpointId }) => endpointId) });
    },
  });

  const createWorkers =
    dispatch &&
    createDeliveryWorkers({ ...common, ...services, database, acceptor, catalogue, ...options }, dispatch);

  if (dispatch) hearFromOthers(listener, dispatch);
  const passes = createNotifyPasses({
    ...{ config, db: pool, acceptor, log, showMail: options.showMail ?? null },
    workflows: createNoticeWorkflows(() => link.connected().client, config.taskQueue),
    temporalIsConnected: () => link.current() !== null,
  });
  closers.push('claims and sweep', () => dispatch?.stop());
  closers.push('what is to be told', () => passes.stop());
  closers.push('the workers', () => link.stopWorkers());
  closers.push('the dispatcher', () => dispatch?.drain());

  const temporal = () => link.current();
  const context: ApiContext = {
    ...{ ...common, ...services, access, pool, listPool, acceptor, catalogue, templates, dispatch, temporal },
    trials: createTrials({ profiles, guard, seal, sender, templates }),
    readiness: readiness({ pool, temporal, acceptor }),
    metricsPage: openedMetrics.page,
    temporalUi: config.temporalUiUrl ?? options.temporalUiUrl ?? null,
  };
  const served = config.role === 'worker' ? null : context;
  if (config.warmUp)
    await warmUp({ api: served, pool, dispatchPool: isWorker ? dispatchPool : null, profiles, log });
  const watched = { ...openedMetrics, config, db: listPool, readiness: context.readiness };
  const metricsPort = await serveMetrics(watched, closers);
  // Nothing is claimed before everything else has been started: a start that fails or is stopped attempts nothing.
  await dispatch?.membership.register();
  const api = served && (await startApi(served));
  closers.push('the API', () => api?.stop());
  dispatch?.start();
  if (isWorker) passes.start();
  const ready = link.connect();

  const stop = () => closers.closeAll();
  return { url: api?.url ?? null, metricsPort, acceptor, endpointStore, profiles, dispatch, ready, stop };
}

/** Whoever runs this process starts a new one. */
function endProcess(log: Logger, error: unknown): void {
  log.fatal({ err: error }, 'the Temporal worker failed: this process ends');
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
