import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBatcher, Overloaded } from '../batcher.ts';
import { jobBytes, type Dispatcher } from '../dispatch/dispatcher.ts';
import type { Job } from '../dispatch/job.ts';
import type { AttemptTrigger, Endpoint } from '../domain.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import { findAccepted, type AcceptedEvent } from '../store/find-accepted.ts';
import { insertEvents, type NewDelivery, type NewEvent } from '../store/insert-events.ts';
import { isConnectionError, type Queryable } from '../store/pool.ts';
import type { TenantStore } from '../store/tenants.ts';
import type { EventInput } from './event-input.ts';

export interface Accepted {
  id: string;
  deliveryIds: string[];
  /** False: it had been accepted before, and nothing was done now. */
  created: boolean;
}

/** The caller's idempotency key, and the request it stands for (any text that differs when the request does). */
export interface Idempotency {
  key: string;
  body: string;
}

export interface Acceptor {
  /** Resolves once the event and its deliveries are committed: from then on it cannot be lost. */
  publish(tenantId: string, input: EventInput, idempotency?: Idempotency): Promise<Accepted>;
  /** An event for one endpoint only, whatever it subscribes to. */
  publishTest(endpoint: Endpoint, input: EventInput): Promise<Accepted>;
}

export interface AcceptorDeps {
  db: Queryable;
  endpoints: EndpointCache;
  tenants: TenantStore;
  /** Null in an `api` process: deliveries wait in the table for a worker. */
  dispatcher: Dispatcher | null;
  processId(): number | null;
  /** Deliveries were written that this process will not attempt. */
  onLeftForOthers(): void;
}

/** A publish waits this long for Postgres to come back before it answers 503. */
const PATIENCE_MS = 5_000;

export function createAcceptor(deps: AcceptorDeps): Acceptor {
  const { db, endpoints, tenants, dispatcher } = deps;
  const batcher = createBatcher<NewEvent, boolean>({
    maxItems: 250,
    maxWeight: 8 << 20,
    weigh: (item) => item.event.data.length + 500,
    concurrency: 2,
    keys: ({ event, idempotencyKey }) => [
      `id ${event.tenantId} ${event.id}`,
      ...(idempotencyKey ? [`key ${event.tenantId} ${idempotencyKey}`] : []),
    ],
    maxWaitingItems: 10_000,
    maxWaitingWeight: 64 << 20,
    run: (group) => insertEvents(db, group, deps.processId()),
  });

  /** Tries on while Postgres is away, for a few seconds; `again` tells it from the first try. */
  async function patiently<T>(work: (again: boolean) => Promise<T>): Promise<T> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (let again = false; ; again = true) {
      try {
        return await work(again);
      } catch (error) {
        if (error instanceof Overloaded)
          throw Problem.unavailable('Too many events wait to be written; slow down.', 1);
        if (!isConnectionError(error)) throw error;
        if (Date.now() > giveUpAt)
          throw Problem.unavailable('The database cannot be reached; nothing was accepted.', 2);
        await sleep(200);
      }
    }
  }

  async function write(item: NewEvent, again: boolean): Promise<boolean> {
    const isNew = await batcher.submit(item);
    // The answer of an earlier try may have been lost after its commit: then the rows are ours.
    return isNew || (again && (await wroteIt(item)));
  }

  async function wroteIt({ event, deliveries }: NewEvent): Promise<boolean> {
    const present = await findAccepted(db, event.tenantId, event.id, null);
    return deliveries.length > 0 && present?.deliveryIds[0] === deliveries[0]!.id;
  }

  function plan(endpoint: Endpoint, bytes: number, trigger: AttemptTrigger): NewDelivery {
    const status = endpoint.enabled ? 'pending' : 'held';
    const claimed = status === 'pending' && (dispatcher?.hasRoom(endpoint.id, bytes) ?? false);
    return { id: newId('dlv'), endpoint, trigger, status, claimed };
  }

  async function accept(
    tenantId: string,
    input: EventInput,
    to: Endpoint[],
    trigger: AttemptTrigger,
    idempotency?: Idempotency,
  ): Promise<Accepted> {
    const createdAt = new Date();
    const event = {
      id: input.id ?? newId('evt'),
      tenantId,
      type: input.type,
      environment: input.environment,
      timestamp: input.timestamp ?? createdAt,
      data: input.dataJson,
    };
    const deliveries = to.map((endpoint) => plan(endpoint, jobBytes(event.data), trigger));
    const requestHash = idempotency ? createHash('sha256').update(idempotency.body).digest('hex') : null;
    const item = { event, idempotencyKey: idempotency?.key ?? null, requestHash, createdAt, deliveries };
    if (await patiently((again) => write(item, again))) {
      handOver(item);
      return { id: event.id, deliveryIds: deliveries.map((delivery) => delivery.id), created: true };
    }
    const earlier = await patiently(() => findAccepted(db, tenantId, event.id, item.idempotencyKey));
    return repeatOf(earlier, item);
  }

  function handOver({ event, deliveries }: NewEvent): void {
    const jobs: Job[] = [];
    for (const delivery of deliveries) {
      if (!delivery.claimed) continue;
      jobs.push({
        deliveryId: delivery.id,
        endpointId: delivery.endpoint.id,
        event,
        number: 1,
        trigger: delivery.trigger,
        scheduledCount: 0,
        status: 'pending',
        nextAttemptAtMs: null,
      });
    }
    dispatcher?.dispatch(jobs);
    if (deliveries.some((delivery) => delivery.status === 'pending' && !delivery.claimed))
      deps.onLeftForOthers();
  }

  return {
    async publish(tenantId, input, idempotency) {
      await patiently(() => tenants.ensure(tenantId));
      const to = await patiently(() => endpoints.matching(tenantId, input.type, input.environment));
      return accept(tenantId, input, to, 'schedule', idempotency);
    },
    publishTest: (endpoint, input) => accept(endpoint.tenantId, input, [endpoint], 'test'),
  };
}

/** The same event again answers the same; the same key with another request is refused. */
function repeatOf(earlier: AcceptedEvent | null, item: NewEvent): Accepted {
  if (!earlier) throw Problem.unavailable('The event was being written by another request; try again.', 1);
  const otherRequest =
    item.requestHash !== null && earlier.requestHash !== null && earlier.requestHash !== item.requestHash;
  if (otherRequest) {
    throw Problem.field(
      'Idempotency-Key',
      `"${item.idempotencyKey}" was used for another request (event ${earlier.id}): a new request needs a new key`,
    );
  }
  return { id: earlier.id, deliveryIds: earlier.deliveryIds, created: false };
}
