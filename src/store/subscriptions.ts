import { LRUCache } from 'lru-cache';
import type { Environment } from '../domain.ts';
import { matchesAny } from '../events/pattern.ts';
import { listSubscriptions, type Subscription } from './list-subscriptions.ts';
import type { Queryable } from './pool.ts';

/** Over all tenants; a larger tenant takes the place of the others, and is kept all the same. */
const MAX_SUBSCRIPTIONS = 200_000;
const PAGE = 2_000;
/** With so many changes at once the tenant is loaded again as a whole. */
const MAX_STALE = 1_000;
/** Types are the caller's to choose: a flood of new ones must not fill memory. */
const MAX_TYPES = 1_000;

/** What is known of one tenant. */
interface Tenant {
  byId: Map<string, Subscription>;
  /** `type environment` → what matches it, by id; filled as types are seen. */
  matches: Map<string, Map<string, Subscription>>;
  /** Changed since they were loaded. */
  stale: Set<string>;
  refreshing: Promise<void> | null;
  loadedAtMs: number;
}

export interface Subscriptions {
  /** Endpoints of the tenant, enabled or not, that want this event: as of now or later. */
  matching(tenantId: string, type: string, environment: Environment): Promise<Subscription[]>;
  /** One endpoint was made, changed or deleted: it alone is loaded again, when its tenant next publishes. */
  changed(tenantId: string, endpointId: string): void;
  clear(): void;
}

/** Which endpoints want which event, by tenant. `isFresh` says whether what was loaded then may still be used. */
export function createSubscriptions(db: Queryable, isFresh: (loadedAtMs: number) => boolean): Subscriptions {
  const tenants = new LRUCache<string, Tenant>({
    maxSize: MAX_SUBSCRIPTIONS,
    sizeCalculation: ({ byId }) => Math.min(byId.size + 1, MAX_SUBSCRIPTIONS),
  });
  /** A load under way, with what changed meanwhile. */
  const loading = new Map<string, { done: Promise<Tenant>; stale: Set<string> }>();

  /** In pages, with everything else having its turn in between. */
  async function load(tenantId: string, stale: Set<string>): Promise<Tenant> {
    const byId: Tenant['byId'] = new Map();
    const loadedAtMs = performance.now();
    for (let afterId = '', more = true; more;) {
      const page = await listSubscriptions(db, tenantId, { afterId, limit: PAGE });
      for (const subscription of page) byId.set(subscription.id, subscription);
      more = page.length === PAGE;
      afterId = page.at(-1)?.id ?? '';
    }
    return { byId, matches: new Map(), stale, refreshing: null, loadedAtMs };
  }

  function known(tenantId: string): Tenant | Promise<Tenant> {
    const tenant = tenants.get(tenantId);
    if (tenant && isFresh(tenant.loadedAtMs) && tenant.stale.size < MAX_STALE) return tenant;
    const underWay = loading.get(tenantId);
    if (underWay) return underWay.done;
    const stale = new Set<string>();
    const entry = { stale, done: load(tenantId, stale) };
    loading.set(tenantId, entry);
    // Cleared meanwhile: those who wait get it, nobody else.
    const isOurs = () => loading.get(tenantId) === entry;
    entry.done.then(
      (loaded) => {
        if (!isOurs()) return;
        tenants.set(tenantId, loaded);
        loading.delete(tenantId);
      },
      () => isOurs() && loading.delete(tenantId),
    );
    return entry.done;
  }

  /** Loads what had changed by now. */
  async function refresh(tenantId: string, tenant: Tenant): Promise<void> {
    const ids = [...tenant.stale];
    tenant.stale.clear();
    try {
      const found = await listSubscriptions(db, tenantId, { ids });
      const present = new Map(found.map((subscription) => [subscription.id, subscription]));
      for (const id of ids) apply(tenant, id, present.get(id));
    } catch (error) {
      for (const id of ids) tenant.stale.add(id);
      throw error;
    }
  }

  function apply(tenant: Tenant, id: string, subscription: Subscription | undefined): void {
    if (subscription) tenant.byId.set(id, subscription);
    else tenant.byId.delete(id);
    for (const [key, matching] of tenant.matches) {
      const [type, environment] = key.split(' ') as [string, Environment];
      if (subscription && wants(subscription, type, environment)) matching.set(id, subscription);
      else matching.delete(id);
    }
  }

  async function refreshed(tenantId: string, tenant: Tenant): Promise<void> {
    // What had changed before this call is in the refresh under way, or in the one after it.
    await tenant.refreshing;
    if (tenant.stale.size === 0) return void (await tenant.refreshing);
    tenant.refreshing ??= refresh(tenantId, tenant).finally(() => (tenant.refreshing = null));
    await tenant.refreshing;
  }

  return {
    async matching(tenantId, type, environment) {
      const tenant = await known(tenantId);
      if (tenant.refreshing || tenant.stale.size > 0) await refreshed(tenantId, tenant);
      const key = `${type} ${environment}`;
      let found = tenant.matches.get(key);
      if (!found) {
        found = new Map([...tenant.byId].filter(([, one]) => wants(one, type, environment)));
        if (tenant.matches.size >= MAX_TYPES) tenant.matches.clear();
        tenant.matches.set(key, found);
      }
      return [...found.values()];
    },
    changed(tenantId, endpointId) {
      tenants.peek(tenantId)?.stale.add(endpointId);
      loading.get(tenantId)?.stale.add(endpointId);
    },
    clear() {
      tenants.clear();
      loading.clear();
    },
  };
}

const wants = ({ environments, events }: Subscription, type: string, environment: Environment): boolean =>
  environments.includes(environment) && matchesAny(events, type);
