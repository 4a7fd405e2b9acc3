import type { Logger } from 'pino';
import type { AttemptOutcome } from '../outcome.ts';
import { cancelDeliveries, holdDeliveries } from '../store/delivery-state.ts';
import type { Queryable } from '../store/pool.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { Attempts } from './attempts.ts';
import type { Berth, Carriers, Passenger } from './carriers.ts';
import { GateClosed, type Gate } from './gate.ts';
import type { Job } from './job.ts';

export interface Dispatcher {
  /** Whether this process may keep another delivery of that endpoint and weight in memory. */
  hasRoom(endpointId: string, bytes: number): boolean;
  /** Endpoints of which enough is in memory. */
  fullEndpoints(): string[];
  /** Takes accepted deliveries that this process has claimed. Returns at once. */
  dispatch(jobs: Job[]): void;
  /** Deliveries held in memory here: attempted, or waiting for their slot or their workflow. */
  holds(deliveryId: string): boolean;
  inMemory(): { deliveries: number; bytes: number };
  /** Others took this process for dead, and what it held over: what has not begun is theirs. */
  disown(): void;
  /** Takes no more, lets go of what waits, and resolves when what is under way is over. */
  drain(): Promise<void>;
}

export interface DispatcherDeps {
  mode: 'fast' | 'strict';
  attempts: Attempts;
  carriers: Carriers;
  gate: Gate;
  endpoints: EndpointCache;
  db: Queryable;
  /** Called when room was made after there had been none. */
  onRoom(): void;
  log: Logger;
}

const MAX_DELIVERIES = 20_000;
const MAX_BYTES = 64 << 20;
/** Of one endpoint: beyond this, deliveries wait in the table. */
const MAX_PER_ENDPOINT = 5_000;
/** What a delivery weighs besides its payload, roughly. */
const OVERHEAD_BYTES = 1_000;

export const jobBytes = (data: string): number => data.length + OVERHEAD_BYTES;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { attempts, carriers, gate, log } = deps;
  const perEndpoint = new Map<string, number>();
  const held = new Set<string>();
  const disowned = new Set<string>();
  let bytes = 0;
  let refused = false;
  let draining = false;
  let emptied: (() => void) | undefined;

  function take(job: Job): void {
    held.add(job.deliveryId);
    bytes += jobBytes(job.event.data);
    perEndpoint.set(job.endpointId, (perEndpoint.get(job.endpointId) ?? 0) + 1);
  }

  function letGo(job: Job): void {
    held.delete(job.deliveryId);
    disowned.delete(job.deliveryId);
    bytes -= jobBytes(job.event.data);
    const left = (perEndpoint.get(job.endpointId) ?? 1) - 1;
    if (left === 0) perEndpoint.delete(job.endpointId);
    else perEndpoint.set(job.endpointId, left);
    if (held.size === 0) emptied?.();
    if (refused && left < MAX_PER_ENDPOINT / 2 && bytes < MAX_BYTES / 2 && held.size < MAX_DELIVERIES / 2) {
      refused = false;
      deps.onRoom();
    }
  }

  async function launch(job: Job): Promise<void> {
    take(job);
    try {
      if (job.status === 'retrying') carriers.book(passengerOf(job), 'open').ready();
      else if (deps.mode === 'strict') await startWorkflowFirst(job);
      else await attemptAhead(job);
    } catch (error) {
      if (error instanceof GateClosed) return;
      log.error(
        { err: error, deliveryId: job.deliveryId },
        'a delivery could not be dispatched; the sweep takes it up',
      );
    } finally {
      letGo(job);
    }
  }

  /** The first attempt at once; then the workflow, which adopts its outcome. */
  async function attemptAhead(job: Job): Promise<void> {
    let berth: Berth | undefined;
    const chooseWorkflow = (outcome: AttemptOutcome, settled: boolean) => {
      berth = carriers.book(passengerOf(job), outcome.succeeded ? 'succeeded' : 'open');
      return settled ? berth.workflowId : null;
    };
    try {
      const outcome = await attempts.run({ job, trigger: job.trigger, chooseWorkflow });
      if (outcome.kind === 'attempt') return;
      attempts.forget(job.deliveryId, job.number);
      if (outcome.kind === 'foreign') return;
      if (outcome.kind === 'held') await holdDeliveries(deps.db, [job.deliveryId]);
      else await cancelDeliveries(deps.db, [job.deliveryId]);
    } finally {
      berth?.ready();
    }
  }

  /** Waits for its slot, then leaves everything to the workflow, whose activity makes the attempt in that slot. */
  async function startWorkflowFirst(job: Job): Promise<void> {
    const endpoint = await deps.endpoints.get(job.event.tenantId, job.endpointId);
    const slot = await gate.enter(job.endpointId, endpoint?.maxInFlight ?? null);
    if (disowned.has(job.deliveryId)) return slot.leave(false);
    attempts.reserve(job.deliveryId, slot);
    carriers.book(passengerOf(job), 'open').ready();
  }

  return {
    hasRoom(endpointId, weight) {
      const room =
        !draining &&
        held.size < MAX_DELIVERIES &&
        bytes + weight <= MAX_BYTES &&
        (perEndpoint.get(endpointId) ?? 0) < MAX_PER_ENDPOINT;
      if (!room) refused = true;
      return room;
    },
    fullEndpoints: () =>
      [...perEndpoint].filter(([, count]) => count >= MAX_PER_ENDPOINT / 2).map(([id]) => id),
    dispatch(jobs) {
      for (const job of jobs) void launch(job);
    },
    holds: (deliveryId) => held.has(deliveryId) || attempts.has(deliveryId) || carriers.has(deliveryId),
    disown() {
      for (const deliveryId of held) {
        disowned.add(deliveryId);
        attempts.disown(deliveryId);
      }
    },
    inMemory: () => ({ deliveries: held.size, bytes }),
    async drain() {
      draining = true;
      gate.close();
      if (held.size > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
  };
}

function passengerOf(job: Job): Passenger {
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
  };
}
