import type { Logger } from 'pino';
import type { AttemptTrigger, Endpoint } from '../domain.ts';
import { labelOf } from '../endpoint-label.ts';
import { cancelDeliveries } from '../store/delivery-state.ts';
import { holdDeliveries } from '../store/hold-deliveries.ts';
import type { Queryable } from '../store/pool.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { AttemptOutcome } from '../outcome.ts';
import type { WaitingEndpoint } from '../store/waiting-endpoints.ts';
import type { Attempts } from './attempts.ts';
import type { Berth, Carriers, Passenger } from './carriers.ts';
import { GateClosed, type Gate } from './gate.ts';
import type { Job } from './job.ts';
import type { ChooseWorkflow } from './make-attempt.ts';
import { Fifo } from '../fifo.ts';
import { Round, type Queue } from '../round.ts';
import { inTurns } from './in-turns.ts';
import { Memory, type Cargo } from './memory.ts';
import type { Rates } from './rates.ts';
import { goesInSpite } from './slow-downs.ts';

export interface Dispatcher {
  /**
   * Takes room for a delivery that is about to be written as this process's own, and is held from now on; false: it is
   * left in the table.
   */
  reserve(delivery: Planned, trigger: AttemptTrigger): boolean;
  /** Gives back room of a delivery that was not written. */
  giveBack(delivery: Planned): void;
  /** Begins with accepted deliveries for which room was reserved. Returns at once. */
  dispatch(jobs: Job[]): void;
  /** Begins with deliveries that were claimed from the table. Returns at once. */
  take(jobs: Job[]): void;
  /** How many of the endpoint should be claimed now. */
  wantedFor(endpoint: WaitingEndpoint): number;
  /** Nothing of the endpoint is wanted before then (Unix ms); past: for no reason that passes by itself. */
  restsUntilMs(endpointId: string): number;
  /** Whether deliveries can be taken that have failed, and want a workflow. */
  takesRetries(): boolean;
  /** Deliveries held in memory here: being written, attempted, or waiting for their slot or their workflow. */
  holds(deliveryId: string): boolean;
  inMemory(): { deliveries: number; bytes: number };
  /** It was cancelled: unless its attempt has begun, it will not be made. */
  cancel(deliveryId: string): void;
  /** Others took this process for dead, and what it held over: what has not begun is theirs. Returns how much that is. */
  disown(): number;
  /** Takes no more, lets go of what waits, and resolves when what is under way is over. */
  drain(): Promise<void>;
}

/** A delivery that is being written: it may be committed long before that is known here. */
export interface Planned extends Cargo {
  deliveryId: string;
}

export interface DispatcherDeps {
  mode: 'fast' | 'strict';
  attempts: Attempts;
  carriers: Carriers;
  gate: Gate;
  endpoints: EndpointCache;
  rates: Rates;
  db: Queryable;
  /** It was claimed, and is not due soon: it waits in the table. */
  putBack(job: Job): void;
  /** Called whenever there is more room. */
  onRoom(): void;
  log: Logger;
}

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { attempts, carriers, gate, rates, log } = deps;
  const memory = new Memory({
    shareOf: (endpointId) => gate.shareOf(endpointId),
    roomOf: (endpointId) => rates.roomOf(endpointId),
    activeOf: (endpointId) => gate.activeOf(endpointId),
  });
  const held = new Set<string>();
  const planned = new Set<string>();
  /** What has not begun, and will not: others took it over, or it was cancelled. */
  const dropped = new Set<string>();
  let draining = false;
  let emptied: (() => void) | undefined;

  function letGo(job: Job): void {
    held.delete(job.deliveryId);
    dropped.delete(job.deliveryId);
    memory.release(job);
    if (held.size === 0) emptied?.();
    deps.onRoom();
  }

  async function launch(job: Job): Promise<void> {
    // Between its being taken and its turn.
    if (dropped.has(job.deliveryId)) return letGo(job);
    let isDue = true;
    try {
      if (job.status === 'retrying') carriers.book(passengerOf(job, knownEndpoint(job)), 'open').ready();
      else if (deps.mode === 'strict') isDue = await startWorkflowFirst(job);
      else isDue = await attemptAhead(job);
    } catch (error) {
      if (error instanceof GateClosed) return;
      log.error(
        { err: error, deliveryId: job.deliveryId },
        'a delivery could not be dispatched; the sweep takes it up',
      );
    } finally {
      letGo(job);
    }
    // When it is not held any more: it may be claimed again as soon as it lies there.
    if (!isDue) deps.putBack(job);
  }

  const knownEndpoint = (job: Job): Endpoint | null =>
    deps.endpoints.peek(job.event.tenantId, job.endpointId) ?? null;

  /** The first attempt at once; then the workflow, which adopts its outcome. False: it is not due, and was not made. */
  async function attemptAhead(job: Job): Promise<boolean> {
    let berth: Berth | undefined;
    const book = (outcome: AttemptOutcome, endpoint: Endpoint | null) =>
      (berth = carriers.book(passengerOf(job, endpoint), outcome.succeeded ? 'succeeded' : 'open'));
    const chooseWorkflow: ChooseWorkflow = (outcome, settled, endpoint) => {
      const { workflowId } = book(outcome, endpoint);
      return settled ? workflowId : null;
    };
    try {
      const outcome = await attempts.run({ job, trigger: job.trigger, chooseWorkflow });
      if (outcome.kind === 'attempt') {
        // Made before, not written, and its place in a carrier lost while Temporal was away: it needs another.
        if (!outcome.recorded && !berth) book(outcome, knownEndpoint(job));
        return true;
      }
      attempts.forget(job.deliveryId, job.number);
      if (outcome.kind === 'deferred') return false;
      if (outcome.kind === 'held') await holdDeliveries(deps.db, [job.deliveryId]);
      else if (outcome.kind !== 'foreign') await cancelDeliveries(deps.db, [job.deliveryId]);
      return true;
    } finally {
      berth?.ready();
    }
  }

  /**
   * Waits for its slot, then leaves everything to the workflow, whose activity makes the attempt in that slot. False: it is
   * not due.
   */
  async function startWorkflowFirst(job: Job): Promise<boolean> {
    const endpoint = await deps.endpoints.get(job.event.tenantId, job.endpointId);
    const entered = await rates.enter(endpoint, { job, trigger: job.trigger });
    if ('comeAgainAtMs' in entered) return false;
    if (dropped.has(job.deliveryId)) entered.leave(false);
    else {
      attempts.reserve(job.deliveryId, entered);
      carriers.book(passengerOf(job, endpoint), 'open').ready();
    }
    return true;
  }

  function hold(jobs: Job[]): void {
    for (const { deliveryId } of jobs) {
      held.add(deliveryId);
      planned.delete(deliveryId);
    }
  }

  const launchOf = (waiting: Queue<Job>) => inTurns(waiting, (job) => void launch(job));
  /**
   * The second claim of an endpoint's deliveries comes while the first is launched, and overtakes nothing of it; what others'
   * claims bring does.
   */
  const launchClaimed = launchOf(
    new Round<Job>(
      ({ event }) => event.tenantId,
      () =>
        new Round<Job>(
          ({ endpointId }) => endpointId,
          () => new Fifo<Job>(),
        ),
    ),
  );

  return {
    reserve(delivery, trigger) {
      if (draining || !memory.reserve(delivery, goesInSpite(trigger))) return false;
      planned.add(delivery.deliveryId);
      return true;
    },
    giveBack(delivery) {
      planned.delete(delivery.deliveryId);
      dropped.delete(delivery.deliveryId);
      memory.release(delivery);
      deps.onRoom();
    },
    dispatch(jobs) {
      hold(jobs);
      launchOf(new Fifo())(jobs);
    },
    take(jobs) {
      for (const job of jobs) memory.take(job);
      hold(jobs);
      launchClaimed(jobs);
    },
    wantedFor: ({ tenantId, endpointId }) => (draining ? 0 : memory.wantedFor(tenantId, endpointId)),
    restsUntilMs: (endpointId) => rates.restsUntilMs(endpointId),
    takesRetries: () => carriers.hasRoom(),
    holds: (deliveryId) =>
      held.has(deliveryId) || planned.has(deliveryId) || attempts.has(deliveryId) || carriers.has(deliveryId),
    cancel(deliveryId) {
      if (held.has(deliveryId) || planned.has(deliveryId)) dropped.add(deliveryId);
      attempts.cancel(deliveryId);
    },
    disown() {
      for (const deliveryId of held) dropped.add(deliveryId);
      return attempts.disown();
    },
    inMemory: () => ({ deliveries: memory.deliveries, bytes: memory.bytes }),
    async drain() {
      draining = true;
      gate.close();
      if (held.size > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
  };
}

function passengerOf(job: Job, endpoint: Endpoint | null): Passenger {
  const fresh = job.number === 1;
  return {
    deliveryId: job.deliveryId,
    tenantId: job.event.tenantId,
    endpointId: job.endpointId,
    eventType: job.event.type,
    eventId: job.event.id,
    progress: fresh
      ? null
      : { attempts: job.number - 1, scheduled: job.scheduledCount, dueAtMs: job.nextAttemptAtMs },
    label: endpoint && labelOf(endpoint),
  };
}
