import type { WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createDeleteTenantActivities } from '../activities/delete-tenant.ts';
import { createActivities } from '../activities/index.ts';
import { createNotifyActivities } from '../activities/notify.ts';
import { createReleaseActivities } from '../activities/release.ts';
import { createReplayActivities } from '../activities/replay.ts';
import { createLaneActivities } from '../activities/run-lane.ts';
import { createProbeActivities } from '../activities/probe.ts';
import { createRetentionActivities } from '../activities/retention.ts';
import { createStatsActivities } from '../activities/stats.ts';
import type { Acceptor } from './accept/accept.ts';
import type { Config } from './config.ts';
import type { Dispatch } from './dispatch/index.ts';
import { openMail, type ShowMail } from './notify/index.ts';
import type { ReplayWorkflows } from './temporal/long-work.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Replays } from './replays/replays.ts';
import type { Catalogue } from './catalogue/index.ts';
import type { EndpointChanges } from './endpoints/changes.ts';
import type { EndpointStore } from './store/endpoints.ts';
import type { EndpointCache } from './store/endpoint-cache.ts';
import type { Database } from './store/open-database.ts';
import type { Temporal } from './temporal/connection.ts';
import { ensureSchedules } from './temporal/schedules.ts';
import { createWorkers, type DeliveryWorkers } from './temporal/worker.ts';
import type { DeliveryWorkflows } from './temporal/workflows.ts';

export interface DeliveryWorkersDeps {
  config: Config;
  database: Database;
  endpoints: EndpointCache;
  acceptor: Acceptor;
  workflows: DeliveryWorkflows;
  longWork: ReplayWorkflows;
  metrics: Metrics;
  replays: Replays;
  workflowBundle: WorkflowBundleOption;
  endpointStore: EndpointStore;
  changes: EndpointChanges;
  catalogue: Catalogue;
  showMail?: ShowMail | null;
  log: Logger;
}

/** The workers of a process that has a dispatcher, with everything that workflows may do to the world. */
export function createDeliveryWorkers(
  deps: DeliveryWorkersDeps,
  { attempts, claims, retryRoom, lanes }: Dispatch,
) {
  const { config, database, endpoints, acceptor, workflows, longWork, replays, workflowBundle, log } = deps;
  const { taskQueue, workflowCallStacks: callStacks } = config;
  const activities = {
    ...createActivities({
      ...{ attempts, claims, retryRoom, endpoints, acceptor, log },
      db: database.dispatchPool,
    }),
    ...createLaneActivities({ lanes }),
    ...createRetentionActivities({ db: database.upkeepPool, ...config }),
    ...createStatsActivities({ db: database.upkeepPool, ...config }),
    ...createDeleteTenantActivities({ db: database.upkeepPool, workflows, longWork }),
    ...createReplayActivities({ db: database.longWorkPool, replays, workflows, log }),
    ...createReleaseActivities({ db: database.longWorkPool }),
    ...createProbeActivities({ ...deps, db: database.pool }),
  };
  const notifyActivities = createNotifyActivities({
    ...openMail(config, deps.showMail),
    db: database.pool,
    onMailed: (result, addresses) => deps.metrics.mails.inc({ result }, addresses),
  });
  return async (temporal: Temporal): Promise<DeliveryWorkers> => {
    await ensureSchedules(temporal.client, taskQueue);
    return createWorkers({ temporal, taskQueue, activities, notifyActivities, callStacks, workflowBundle });
  };
}
