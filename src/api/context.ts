import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Access } from '../access/index.ts';
import type { Acceptor } from '../accept/accept.ts';
import type { Catalogue } from '../catalogue/index.ts';
import type { Config } from '../config.ts';
import type { Orders } from '../deliveries/orders.ts';
import type { Dispatch } from '../dispatch/index.ts';
import type { Trials } from '../dispatch/trials.ts';
import type { TenantDeletion } from '../endpoints/delete-tenant.ts';
import type { TemplateCheck } from '../endpoints/template-check.ts';
import type { EndpointChanges } from '../endpoints/changes.ts';
import type { Profiles } from '../profiles/index.ts';
import type { Replays } from '../replays/replays.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { EndpointStore } from '../store/endpoints.ts';
import type { Pool } from '../store/pool.ts';
import type { TenantStore } from '../store/tenants.ts';
import type { Templates } from '../templates/index.ts';
import type { Temporal } from '../temporal/connection.ts';

/** What the routes work with. */
export interface ApiContext {
  config: Config;
  access: Access;
  pool: Pool;
  /** For lists: few, and with a time-out. */
  listPool: Pool;
  profiles: Profiles;
  endpointStore: EndpointStore;
  endpoints: EndpointCache;
  changes: EndpointChanges;
  orders: Orders;
  replays: Replays;
  tenants: TenantStore;
  deleteTenant: TenantDeletion;
  acceptor: Acceptor;
  catalogue: Catalogue;
  templates: Templates;
  templateCheck: TemplateCheck;
  trials: Trials;
  /** GET /readyz. */
  readiness: RequestHandler;
  /** GET /metrics. */
  metricsPage: RequestHandler;
  /** Null in an `api` process. */
  dispatch: Dispatch | null;
  /** Null while Temporal is away. */
  temporal(): Temporal | null;
  /** Where people look at workflows. */
  temporalUi?: string | null;
  /** What goes on for as long as somebody listens is told to end when the API stops. */
  onStop?(end: () => void): void;
  log: Logger;
}
