import type { Logger } from 'pino';
import type { Acceptor } from '../accept/accept.ts';
import type { Config } from '../config.ts';
import type { Dispatch } from '../dispatch/index.ts';
import type { AddressGuard } from '../http/address-guard.ts';
import type { Profiles } from '../profiles/index.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { EndpointStore } from '../store/endpoints.ts';
import type { Pool } from '../store/pool.ts';
import type { Seal } from '../store/seal.ts';
import type { TenantStore } from '../store/tenants.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { DeliveryWorkflows } from '../temporal/workflows.ts';

/** What the routes work with. */
export interface ApiContext {
  config: Config;
  apiKey: string;
  pool: Pool;
  profiles: Profiles;
  guard: AddressGuard;
  seal: Seal;
  endpointStore: EndpointStore;
  endpoints: EndpointCache;
  tenants: TenantStore;
  acceptor: Acceptor;
  workflows: DeliveryWorkflows;
  /** Null in an `api` process. */
  dispatch: Dispatch | null;
  /** Null while Temporal is away. */
  temporal(): Temporal | null;
  log: Logger;
}
