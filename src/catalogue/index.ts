/** Event types: the deployment's own, and those that come with the profiles. */
import type { Logger } from 'pino';
import type { Closers } from '../closers.ts';
import type { Endpoint, Environment } from '../domain.ts';
import { OPERATIONAL_TYPES, OPERATIONS_TENANT } from '../events/operational.ts';
import { matchesAny } from '../events/pattern.ts';
import { parseJson } from '../json.ts';
import type { FieldError } from '../problem.ts';
import type { Profiles } from '../profiles/index.ts';
import type { Sandbox } from '../sandbox/pool.ts';
import { createEventTypeStore, type EventTypeStore } from '../store/event-types.ts';
import type { Database } from '../store/open-database.ts';
import { createCatalogueChanges, type CatalogueChanges } from './changes.ts';
import { createPayloadCheck, type PayloadCheck } from './check.ts';
import { createKnownTypes } from './known.ts';
import { remarksOn } from './remarks.ts';

/** What an event may look like. */
export interface Example {
  type: string;
  data: unknown;
}

type Wanting = Pick<Endpoint, 'tenantId' | 'profile' | 'events' | 'environments'>;

export interface Catalogue extends CatalogueChanges, PayloadCheck, Pick<EventTypeStore, 'findMany' | 'list'> {
  /** For the answer to whoever makes or changes an endpoint. */
  remarksOn(patterns: string[]): Promise<FieldError[]>;
  /** As it would be published: of that type, or of the first that the endpoint wants; with that data, or its example. */
  testEvent(endpoint: Wanting, type: string | undefined, data: unknown): Promise<TestEvent>;
}

/** `type` is missing where none is known. */
export interface TestEvent {
  type: string | undefined;
  data: unknown;
  environment: Environment | undefined;
}

export interface CatalogueDeps {
  database: Pick<Database, 'pool' | 'listPool' | 'listener'>;
  profiles: Profiles;
  sandbox: Sandbox;
  closers: Closers;
  log: Logger;
}

export function openCatalogue({ database, profiles, sandbox, closers, log }: CatalogueDeps): Catalogue {
  const store = createEventTypeStore(database.pool, database.listPool);
  const known = createKnownTypes(store, database.listener, log);
  closers.push('what is known of event types', () => known.stop());
  const ofProfiles = new Set([
    ...profiles.names().flatMap((name) => profiles.get(name)!.events.map(({ type }) => type)),
    ...OPERATIONAL_TYPES.map(({ type }) => type),
  ]);

  async function ownExample(name: string): Promise<Example | null> {
    const found = (await store.findMany([name])).get(name);
    return found && found.example !== null ? { type: name, data: parseJson(found.example) } : null;
  }

  function profileExample({ tenantId, profile, events }: Wanting, type: string | undefined): Example | null {
    const entries =
      tenantId === OPERATIONS_TENANT ? OPERATIONAL_TYPES : (profiles.get(profile)?.events ?? []);
    const fitting = entries.find((entry) => (type ? entry.type === type : matchesAny(events, entry.type)));
    const entry = fitting ?? (type === undefined ? entries[0] : undefined);
    return entry ? { type: entry.type, data: entry.example } : null;
  }

  async function exampleFor(endpoint: Wanting, type: string | undefined): Promise<Example | null> {
    const own = await known.get();
    const wanted = [...own].find(([each, { archived }]) => !archived && matchesAny(endpoint.events, each));
    const name = type ?? wanted?.[0];
    const example = name !== undefined && own.has(name) ? await ownExample(name) : null;
    if (example) return example;
    return profileExample(endpoint, name) ?? (name === undefined ? null : { type: name, data: {} });
  }

  return {
    ...createPayloadCheck(known, store, sandbox),
    ...createCatalogueChanges(store, sandbox, () => known.reload()),
    findMany: (names) => store.findMany(names),
    list: (filter, limit, afterName) => store.list(filter, limit, afterName),
    remarksOn: async (patterns) =>
      patterns.every((pattern) => pattern === '*') ? [] : remarksOn(patterns, await known.get(), ofProfiles),
    async testEvent(endpoint, type, data) {
      const example = await exampleFor(endpoint, type);
      return {
        type: type ?? example?.type,
        data: data ?? example?.data ?? {},
        environment: endpoint.environments[0],
      };
    },
  };
}
