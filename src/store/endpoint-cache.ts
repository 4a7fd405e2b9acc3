import { LRUCache } from 'lru-cache';
import type { Endpoint, Environment } from '../domain.ts';
import { matchesAny } from '../events/pattern.ts';
import type { EndpointStore } from './endpoints.ts';
import { CHANNELS, type Listener } from './listener.ts';

/** While notifications may be missed, an entry is trusted this long. */
const UNCONNECTED_TTL_MS = 500;
const MAX_ENDPOINTS = 50_000;

interface Entry {
  byId: Map<string, Endpoint>;
  loadedAtMs: number;
  /** `type environment` → endpoints that want it, filled as types are seen. */
  matches: Map<string, Endpoint[]>;
}

export interface EndpointCache {
  /** Endpoints of the tenant, enabled or not, that want this event. */
  matching(tenantId: string, type: string, environment: Environment): Promise<Endpoint[]>;
  /** Null when it does not exist (any more). */
  get(tenantId: string, endpointId: string): Promise<Endpoint | null>;
  /** The same without waiting: undefined when the tenant is not cached. */
  peek(tenantId: string, endpointId: string): Endpoint | null | undefined;
  /** For the process that made a change: it sees its own write at once. */
  drop(tenantId: string): void;
}

/**
 * Every tenant's endpoints, loaded when first needed. A change anywhere reaches every process by NOTIFY; while
 * the notification connection is down entries live half a second, so the cache is never stale for longer.
 */
export function createEndpointCache(store: EndpointStore, listener: Listener): EndpointCache {
  const entries = new LRUCache<string, Entry>({
    maxSize: MAX_ENDPOINTS,
    sizeCalculation: (e) => e.byId.size + 1,
  });
  const loading = new Map<string, Promise<Entry>>();
  /** Counts changes, so that a load that was overtaken by one is not kept. */
  let generation = 0;

  function drop(tenantId: string): void {
    generation += 1;
    entries.delete(tenantId);
    loading.delete(tenantId);
  }
  listener.on(CHANNELS.endpoints, drop);
  listener.onConnect(() => {
    generation += 1;
    entries.clear();
    loading.clear();
  });

  async function load(tenantId: string): Promise<Entry> {
    const startedAt = generation;
    const endpoints = await store.listAll(tenantId);
    const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    const entry: Entry = { byId, loadedAtMs: Date.now(), matches: new Map() };
    if (generation === startedAt) entries.set(tenantId, entry);
    return entry;
  }

  function cached(tenantId: string): Entry | undefined {
    const entry = entries.get(tenantId);
    if (entry && !listener.connected() && Date.now() - entry.loadedAtMs > UNCONNECTED_TTL_MS)
      return undefined;
    return entry;
  }

  function entryOf(tenantId: string): Entry | Promise<Entry> {
    const entry = cached(tenantId);
    if (entry) return entry;
    let pending = loading.get(tenantId);
    if (!pending) {
      pending = load(tenantId).finally(() => {
        if (loading.get(tenantId) === pending) loading.delete(tenantId);
      });
      loading.set(tenantId, pending);
    }
    return pending;
  }

  return {
    async matching(tenantId, type, environment) {
      const entry = await entryOf(tenantId);
      const key = `${type} ${environment}`;
      let found = entry.matches.get(key);
      if (!found) {
        found = [...entry.byId.values()].filter(
          (endpoint) => endpoint.environments.includes(environment) && matchesAny(endpoint.events, type),
        );
        // Types are the caller's to choose: a flood of new ones must not fill memory.
        if (entry.matches.size >= 1_000) entry.matches.clear();
        entry.matches.set(key, found);
      }
      return found;
    },
    async get(tenantId, endpointId) {
      return (await entryOf(tenantId)).byId.get(endpointId) ?? null;
    },
    peek(tenantId, endpointId) {
      const entry = cached(tenantId);
      return entry && (entry.byId.get(endpointId) ?? null);
    },
    drop,
  };
}
