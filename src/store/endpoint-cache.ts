import { LRUCache } from 'lru-cache';
import { createBatcher } from '../batcher.ts';
import type { Endpoint } from '../domain.ts';
import type { EndpointStore } from './endpoints.ts';
import { CHANNELS, isTrusted, type Listener } from './listener.ts';
import type { Queryable } from './pool.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';

const MAX_ENDPOINTS = 10_000;
const MAX_BYTES = 64 << 20;
/** Of one that holds next to nothing. */
const ENTRY_BYTES = 500;
const LOOK_UP_GROUP = 200;

interface Cached {
  endpoint: Endpoint | null;
  loadedAtMs: number;
}

export interface EndpointCache {
  /** Which of a tenant's endpoints want an event. */
  matching: Subscriptions['matching'];
  /** Null when it does not exist (any more). */
  get(tenantId: string, endpointId: string): Promise<Endpoint | null>;
  /** The same without waiting: undefined when it is not cached. */
  peek(tenantId: string, endpointId: string): Endpoint | null | undefined;
  /** For the process that changed an endpoint: it sees its own write at once. */
  drop(tenantId: string, endpointId: string): void;
}

export interface EndpointCacheDeps {
  db: Queryable;
  store: EndpointStore;
  listener: Listener;
}

/**
 * Endpoints, each by itself, for attempts; and of each tenant that publishes, what its endpoints subscribe to. A change
 * of one costs one row, however many its tenant has. It reaches every process by NOTIFY; while the connection for
 * notifications is down, what is cached lives half a second.
 */
export function createEndpointCache({ db, store, listener }: EndpointCacheDeps): EndpointCache {
  const isFresh = (loadedAtMs: number): boolean => isTrusted(listener, loadedAtMs);
  const subscriptions = createSubscriptions(db, isFresh);
  const byId = new LRUCache<string, Cached>({
    max: MAX_ENDPOINTS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ endpoint }) => ENTRY_BYTES + JSON.stringify(endpoint).length,
  });
  /** Not kept when a change overtakes them: then they are not in here any more. */
  const lookUps = new Map<string, Promise<Endpoint | null>>();
  const batcher = createBatcher<{ tenantId: string; id: string }, Endpoint | null>({
    maxItems: LOOK_UP_GROUP,
    concurrency: 2,
    turn: ({ tenantId }) => tenantId,
    run: (wanted) => store.findMany(wanted),
  });

  function drop(tenantId: string, endpointId: string): void {
    const key = keyOf(tenantId, endpointId);
    byId.delete(key);
    lookUps.delete(key);
    subscriptions.changed(tenantId, endpointId);
  }
  listener.on(CHANNELS.endpoints, (payload) => {
    const [tenantId, endpointId] = payload.split(' ');
    drop(tenantId!, endpointId!);
  });
  listener.onConnect(() => {
    byId.clear();
    lookUps.clear();
    subscriptions.clear();
  });

  function peek(tenantId: string, endpointId: string): Endpoint | null | undefined {
    const cached = byId.get(keyOf(tenantId, endpointId));
    return cached && isFresh(cached.loadedAtMs) ? cached.endpoint : undefined;
  }

  function lookUp(tenantId: string, endpointId: string): Promise<Endpoint | null> {
    const key = keyOf(tenantId, endpointId);
    const underWay = lookUps.get(key);
    if (underWay) return underWay;
    const loadedAtMs = performance.now();
    const found = batcher.submit({ tenantId, id: endpointId });
    lookUps.set(key, found);
    const isOurs = () => lookUps.get(key) === found && lookUps.delete(key);
    found.then((endpoint) => isOurs() && byId.set(key, { endpoint, loadedAtMs }), isOurs);
    return found;
  }

  return {
    matching: (tenantId, type, environment) => subscriptions.matching(tenantId, type, environment),
    async get(tenantId, endpointId) {
      const cached = peek(tenantId, endpointId);
      return cached === undefined ? lookUp(tenantId, endpointId) : cached;
    },
    peek,
    drop,
  };
}

const keyOf = (tenantId: string, endpointId: string): string => `${tenantId} ${endpointId}`;
