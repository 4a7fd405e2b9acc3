import type { Logger } from 'pino';
import type { Catalogue } from './catalogue/index.ts';
import type { Config } from './config.ts';
import { createOrders } from './deliveries/orders.ts';
import { createAffectedDeliveries } from './endpoints/affected-deliveries.ts';
import { createTenantDeletion } from './endpoints/delete-tenant.ts';
import { createEndpointChanges } from './endpoints/changes.ts';
import { createTemplateCheck } from './endpoints/template-check.ts';
import type { AddressGuard } from './http/address-guard.ts';
import type { Profiles } from './profiles/index.ts';
import { createReplays } from './replays/replays.ts';
import { createEndpointCache } from './store/endpoint-cache.ts';
import { createEndpointStore } from './store/endpoints.ts';
import type { Database } from './store/open-database.ts';
import { createLaneNotifier } from './store/notify-lanes.ts';
import { createSeal } from './store/seal.ts';
import { createTenantStore } from './store/tenants.ts';
import type { ReleaseWorkflows, ReplayWorkflows } from './temporal/long-work.ts';
import type { Templates } from './templates/index.ts';
import type { DeliveryWorkflows } from './temporal/workflows.ts';

export interface EndpointServicesDeps {
  config: Config;
  database: Database;
  profiles: Profiles;
  guard: AddressGuard;
  catalogue: Catalogue;
  templates: Templates;
  workflows: DeliveryWorkflows;
  longWork: ReplayWorkflows & ReleaseWorkflows;
  temporalIsConnected(): boolean;
  log: Logger;
}

/** Tenants, their endpoints, and what may be done to endpoints and deliveries: by routes, and by us for an answer of 410. */
export function createEndpointServices(deps: EndpointServicesDeps) {
  const { config, profiles, guard, workflows, longWork, temporalIsConnected, log } = deps;
  const { pool: db, listener } = deps.database;
  if (config.encryptionKeys.length === 0 && config.databaseUrl !== null)
    log.warn('secrets are stored unsealed: set POSTHORN_ENCRYPTION_KEY ("openssl rand -hex 32" makes one)');
  const seal = createSeal(config.encryptionKeys);
  const endpointStore = createEndpointStore(db, seal, profiles);
  const endpoints = createEndpointCache({ db, store: endpointStore, listener });
  const tenants = createTenantStore(db, listener);
  const deliveries = createAffectedDeliveries({ db, workflows, longWork, temporalIsConnected, log });
  const templateCheck = createTemplateCheck(deps.templates, deps.catalogue);
  const changes = createEndpointChanges({
    ...{ store: endpointStore, cache: endpoints, tenants, profiles, guard, seal, deliveries },
    templates: templateCheck,
  });
  const deleteTenant = createTenantDeletion({ tenants, cache: endpoints, workflows, log });
  // Every worker is to hear it, this process, too.
  const notifyLanes = createLaneNotifier(db, () => null);
  const orders = createOrders({ db, endpoints, workflows, temporalIsConnected, notifyLanes, log });
  const replays = createReplays({
    db,
    listDb: deps.database.listPool,
    endpointStore,
    workflows: longWork,
    log,
  });
  return { endpointStore, endpoints, tenants, deleteTenant, changes, orders, replays, seal, templateCheck };
}
