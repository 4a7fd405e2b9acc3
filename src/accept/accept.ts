import { createHash } from 'node:crypto';
import type { PayloadCheck } from '../catalogue/check.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Job } from '../dispatch/job.ts';
import type { AttemptTrigger, Endpoint } from '../domain.ts';
import { OPERATIONS_TENANT } from '../events/operational.ts';
import { createdAtMs, looksLikeEventUid, newId } from '../ids.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { Problem } from '../problem.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import { findAccepted, type AcceptedEvent } from '../store/find-accepted.ts';
import type { NewDelivery, NewEvent } from '../store/insert-events.ts';
import type { EnteredLane } from '../store/lane-places.ts';
import type { Connections, Queryable } from '../store/pool.ts';
import type { TenantStore } from '../store/tenants.ts';
import type { WaitingEndpoint } from '../store/waiting-endpoints.ts';
import type { BatchTurn } from './batch-order.ts';
import type { EventInput } from './event-input.ts';
import type { Idempotency } from './idempotency.ts';
import { createPatience, TooLate, type Caller } from './patience.ts';
import { createEventWriter, type Addressee, type Publication } from './write-events.ts';

export interface Accepted {
  id: string;
  deliveryIds: string[];
  /** False: it had been accepted before, and nothing was done now. */
  created: boolean;
}

export interface Acceptor {
  /** Resolves once the event and its deliveries are committed: from then on it cannot be lost. */
  publish(
    tenantId: string,
    input: EventInput,
    idempotency?: Idempotency,
    turn?: BatchTurn,
  ): Promise<Accepted>;
  /** An event for one endpoint only, whatever it subscribes to. */
  publishTest(endpoint: Endpoint, input: EventInput): Promise<Accepted>;
  /** The same for one that was disabled because it fails: whether it answers again. It is attempted once. */
  publishProbe(endpoint: Endpoint, input: EventInput): Promise<Accepted>;
  /** Why the last event was not accepted, in words without secrets; null: it was, or that is some time ago. */
  trouble(): string | null;
}

export interface AcceptorDeps {
  db: Queryable;
  pool: Connections;
  endpoints: Pick<EndpointCache, 'matching'>;
  tenants: TenantStore;
  /** Of types that are to be checked against a schema. */
  catalogue: PayloadCheck;
  /** Null in an `api` process: deliveries wait in the table for a worker. */
  dispatcher: Dispatcher | null;
  processId(): number | null;
  metrics: Metrics;
  /** Deliveries of these were written and left in the table. */
  onLeft(endpoints: WaitingEndpoint[]): void;
  /** Something was accepted into these lanes. */
  onLanes(lanes: EnteredLane[]): void;
}

/** Of one event, so many deliveries are taken into memory at once. */
const MAX_CLAIMED = 1_000;

export function createAcceptor(deps: AcceptorDeps): Acceptor {
  const { db, endpoints, tenants, dispatcher } = deps;
  const patience = createPatience();
  const writeEvent = createEventWriter({
    db,
    pool: deps.pool,
    processId: deps.processId,
    plan,
    patience,
    wroteIt,
    onLanes: deps.onLanes,
    onGroup: (events) => deps.metrics.acceptGroupSize.observe(events),
  });

  async function write(item: Publication, again: boolean): Promise<boolean> {
    const isNew = await writeEvent(item);
    // The answer of an earlier try may have been lost after its commit: then the rows are ours.
    if (isNew || (again && (await wroteIt(item)))) return true;
    if (item.isTooOld) throw new TooLate(item.failure);
    return false;
  }

  async function wroteIt({ event, deliveries }: NewEvent): Promise<boolean> {
    const present = await findAccepted(db, event.tenantId, event.id, null);
    return deliveries.length > 0 && present?.deliveryIds[0] === deliveries[0]!.id;
  }

  /**
   * Takes the room it needs at once. What a fan-out has beyond a crowd waits in the table: its endpoints' turns come there
   * as well as in memory.
   */
  function plan({ event, orderingKey, to, trigger }: Publication): NewDelivery[] {
    let mayClaim = MAX_CLAIMED;
    return to.map(({ id: endpointId, enabled, ordering }) => {
      const id = newId('dlv');
      const status = enabled ? 'pending' : 'held';
      // A test goes beside the lane, which may be waiting for days.
      if (ordering === 'fifo' && trigger !== 'test')
        return { id, endpointId, trigger, status, claimed: false, laneKey: orderingKey ?? '' };
      const planned = { deliveryId: id, endpointId, event };
      const claimed = enabled && mayClaim > 0 && (dispatcher?.reserve(planned, trigger) ?? false);
      if (claimed) mayClaim -= 1;
      return { id, endpointId, trigger, status, claimed };
    });
  }

  /** Writes it, or gives back the room that was taken for it. */
  async function commit(item: Publication): Promise<boolean> {
    let isNew = false;
    try {
      isNew = await patience.tryOn((again) => write(item, again));
    } finally {
      if (!isNew) giveBack(item);
    }
    return isNew;
  }

  function giveBack({ event, deliveries }: NewEvent): void {
    for (const { id, endpointId, claimed } of deliveries)
      if (claimed) dispatcher!.giveBack({ deliveryId: id, endpointId, event });
  }

  async function accept(
    caller: Caller,
    tenantId: string,
    input: EventInput,
    to: Addressee[],
    trigger: AttemptTrigger,
    idempotency?: Idempotency,
    turn?: BatchTurn,
  ): Promise<Accepted> {
    // Before its deliveries' ids: those are never the older ones.
    const uid = newId('evt');
    const createdAt = new Date(createdAtMs(uid));
    const event = {
      id: input.id ?? uid,
      tenantId,
      type: input.type,
      environment: input.environment,
      timestamp: input.timestamp ?? createdAt,
      data: input.dataJson,
    };
    const requestHash = idempotency ? createHash('sha256').update(idempotency.meaning).digest('hex') : null;
    const idempotencyKey = idempotency?.key ?? null;
    const item: Publication = {
      uid,
      event,
      orderingKey: input.orderingKey,
      idempotencyKey,
      requestHash,
      createdAt,
      to,
      trigger,
      deliveries: [],
      claimedBy: null,
      caller,
      isPlanned: false,
      failure: null,
      isTooOld: false,
      turn,
    };
    if (!(await isOfEarlier(tenantId, input.id)) && (await commit(item))) {
      deps.metrics.eventsAccepted.inc();
      deps.metrics.deliveriesAccepted.inc(item.deliveries.length);
      handOver(item);
      return { id: event.id, deliveryIds: item.deliveries.map((delivery) => delivery.id), created: true };
    }
    // Nobody hears the answer.
    if (caller.gone) throw Problem.unavailable('The event was not written in time.', 1);
    const earlier = await patience.tryOn(() => findAccepted(db, tenantId, event.id, item.idempotencyKey));
    return repeatOf(earlier, requestHash, idempotency);
  }

  /** Throws what is wrong with it; unless it was accepted before, when its schema said otherwise. */
  async function refuseUnfit(tenantId: string, input: EventInput, idempotency?: Idempotency): Promise<void> {
    const problem = await patience.tryOn(() => deps.catalogue.check(tenantId, input));
    if (!problem) return;
    const key = idempotency?.key ?? null;
    const earlier =
      (input.id !== null || key !== null) &&
      (await patience.tryOn(() => findAccepted(db, tenantId, input.id ?? '', key)));
    if (!earlier) throw problem;
  }

  /** Our own id of an event that the caller gave none is in no table of own ids, where it would be found in the same statement. */
  async function isOfEarlier(tenantId: string, id: string | null): Promise<boolean> {
    if (id === null || !looksLikeEventUid(id)) return false;
    return (await patience.tryOn(() => findAccepted(db, tenantId, id, null))) !== null;
  }

  function handOver(item: NewEvent): void {
    const { event, deliveries, claimedBy } = item;
    // Taken for dead while this was written, this process has claimed nothing: others may have it already.
    const isOurs = claimedBy !== null && claimedBy === deps.processId();
    const jobs: Job[] = [];
    for (const delivery of deliveries) {
      if (!delivery.claimed || !isOurs) continue;
      jobs.push({
        deliveryId: delivery.id,
        endpointId: delivery.endpointId,
        event,
        number: 1,
        trigger: delivery.trigger,
        scheduledCount: 0,
        status: 'pending',
        nextAttemptAtMs: null,
      });
    }
    dispatcher?.dispatch(jobs);
    if (!isOurs) giveBack(item);
    const left = deliveries.filter(
      ({ status, claimed, laneKey }) => status === 'pending' && laneKey === undefined && !(claimed && isOurs),
    );
    if (left.length > 0)
      deps.onLeft(left.map(({ endpointId }) => ({ tenantId: event.tenantId, endpointId })));
  }

  return {
    publish: (tenantId, input, idempotency, turn) =>
      patience.inTime(async (caller) => {
        try {
          await patience.tryOn(() => tenants.ensure(tenantId));
          // The deployment's own rules are for what the deployment publishes.
          if (tenantId !== OPERATIONS_TENANT && deps.catalogue.mayRefuse(input))
            await refuseUnfit(tenantId, input, idempotency);
          const to = await patience.tryOn(() => endpoints.matching(tenantId, input.type, input.environment));
          return await accept(caller, tenantId, input, to, 'schedule', idempotency, turn);
        } finally {
          turn?.over();
        }
      }),
    publishTest: (endpoint, input) =>
      patience.inTime((caller) => accept(caller, endpoint.tenantId, input, [endpoint], 'test')),
    publishProbe: ({ tenantId, id }, input) =>
      patience.inTime((caller) =>
        accept(caller, tenantId, input, [{ id, enabled: true, ordering: 'none' }], 'probe'),
      ),
    trouble: patience.trouble,
  };
}

/** The same event again answers the same; the same key with another request is refused. */
function repeatOf(
  earlier: AcceptedEvent | null,
  requestHash: string | null,
  idempotency: Idempotency | undefined,
): Accepted {
  if (!earlier)
    throw Problem.unavailable(
      'The event could not be written in time, or is being written by another request; try again.',
      1,
    );
  const { requestHash: ofEarlier } = earlier;
  if (idempotency && ofEarlier !== null && ofEarlier !== requestHash) throw idempotency.reused(earlier.id);
  return { id: earlier.id, deliveryIds: earlier.deliveryIds, created: false };
}
