import type { Logger } from 'pino';
import type { AttemptTrigger, Endpoint } from '../domain.ts';
import type { Sender } from '../http/sender.ts';
import { standingAfter, usesSchedule, type AttemptOutcome, type Outcome } from '../outcome.ts';
import type { Profiles } from '../profiles/index.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import { exchange, type Exchange } from './exchange.ts';
import type { Gate, Slot } from './gate.ts';
import type { Job } from './job.ts';
import type { Recorder } from './recorder.ts';

/** Chooses the workflow that will carry a delivery whose first attempt is over; null leaves it open. */
export type ChooseWorkflow = (outcome: AttemptOutcome, settled: boolean) => string | null;

export interface AttemptRequest {
  job: Job;
  /** The trigger of this attempt: the delivery's own, or `manual`. */
  trigger: AttemptTrigger;
  chooseWorkflow: ChooseWorkflow;
}

export interface Attempts {
  /** Makes the attempt, or joins the one that is under way for this delivery in this process. Never throws for what a receiver does. */
  run(request: AttemptRequest): Promise<Outcome>;
  /** The attempt under way or just made here with this number, if any. */
  find(deliveryId: string, number: number): Promise<Outcome> | undefined;
  /** Its workflow has been told the outcome: it need not be remembered here for long. */
  forget(deliveryId: string, number: number): void;
  /** The delivery was cancelled: an attempt that still waits for its slot will not be made. */
  cancel(deliveryId: string): void;
  /** Another process took the delivery over: an attempt that still waits for its slot will not be made. */
  disown(deliveryId: string): void;
  /** Keeps a slot for the attempt that this delivery's workflow will soon make here. */
  reserve(job: Job, slot: Slot): void;
  /** What a slot is kept for: the claim of this process stands, and nobody has cancelled it. */
  reservedJob(deliveryId: string, number: number): Job | undefined;
  /** Deliveries held in memory here. */
  has(deliveryId: string): boolean;
}

export interface AttemptsDeps {
  endpoints: EndpointCache;
  profiles: Profiles;
  sender: Sender;
  gate: Gate;
  recorder: Recorder;
  disableEndpoint(tenantId: string, endpointId: string, reason: string): Promise<void>;
  onAttempt(endpoint: Endpoint, outcome: AttemptOutcome): void;
  log: Logger;
}

const RESERVED_MS = 30_000;
/** By then its workflow has asked for an outcome, or will find it in the log. */
const REMEMBER_MS = 30_000;
/** Told, but not in the log yet: should the workflow's task be lost with it, it asks again. */
const REMEMBER_UNRECORDED_MS = 300_000;

interface Known {
  number: number;
  outcome: Promise<Outcome>;
  /** It is over, and its log row could not be written. */
  unrecorded: boolean;
  /** When it may be forgotten; null while only this process knows of it. */
  forgetAtMs: number | null;
}

/**
 * The one place where an attempt is made: behind the gate, once per delivery and number, recorded before anyone
 * is told. Called ahead of the workflow by the dispatcher, and by the workflow's activity, which then finds it.
 */
export function createAttempts(deps: AttemptsDeps): Attempts {
  const { endpoints, profiles, sender, gate, recorder } = deps;
  const known = new Map<string, Known>();
  const cancelled = new Set<string>();
  const disowned = new Set<string>();
  const reserved = new Map<string, { job: Job; slot: Slot }>();

  async function make(request: AttemptRequest): Promise<Outcome> {
    const { job, trigger } = request;
    const { tenantId } = job.event;
    let slot = reserved.get(job.deliveryId)?.slot;
    reserved.delete(job.deliveryId);
    try {
      slot ??= await enterGate(tenantId, job.endpointId);
      await recorder.room();
      // As it is now: it may have changed while this waited.
      const endpoint = await lookUp(tenantId, job.endpointId);
      if (disowned.has(job.deliveryId)) return { kind: 'foreign' };
      if (!endpoint || cancelled.has(job.deliveryId)) return { kind: 'cancelled' };
      if (!endpoint.enabled) return { kind: 'held' };
      const { deliveryId, event, number } = job;
      const made = await exchange(sender, profiles, { endpoint, event, deliveryId, number, trigger });
      slot.leave(made.outcome.errorClass === 'timeout');
      if (made.outcome.gone) await disable(endpoint);
      deps.onAttempt(endpoint, made.outcome);
      return await record(request, endpoint, made);
    } finally {
      slot?.leave(false);
    }
  }

  async function lookUp(tenantId: string, endpointId: string): Promise<Endpoint | null> {
    return endpoints.peek(tenantId, endpointId) ?? endpoints.get(tenantId, endpointId);
  }

  async function enterGate(tenantId: string, endpointId: string): Promise<Slot> {
    const endpoint = await lookUp(tenantId, endpointId);
    return gate.enter(endpointId, endpoint?.maxInFlight ?? null);
  }

  async function disable(endpoint: Endpoint): Promise<void> {
    await deps.disableEndpoint(endpoint.tenantId, endpoint.id, 'gone').catch((error: unknown) => {
      deps.log.error(
        { err: error, endpointId: endpoint.id },
        'an endpoint that answered 410 could not be disabled',
      );
    });
  }

  async function record(request: AttemptRequest, endpoint: Endpoint, made: Exchange): Promise<Outcome> {
    const { job, trigger } = request;
    const { outcome, result } = made;
    const standing = standingAfter(outcome, job.scheduledCount);
    outcome.recorded = await recorder.record({
      deliveryId: job.deliveryId,
      outcome,
      workflowId: request.chooseWorkflow(outcome, standing.status !== 'retrying'),
      standing,
      usesSchedule: usesSchedule(trigger),
      url: endpoint.url,
      method: endpoint.method,
      requestHeaders: JSON.stringify(made.requestHeaders),
      responseHeaders: JSON.stringify(result.responseHeaders),
      responseBody: result.responseBody,
      responseBodyBytes: result.responseBodyBytes,
    });
    return outcome;
  }

  setInterval(() => {
    const now = performance.now();
    for (const [deliveryId, { forgetAtMs }] of known) {
      if (forgetAtMs !== null && forgetAtMs < now) drop(deliveryId);
    }
  }, REMEMBER_MS / 3).unref();

  function forget(deliveryId: string, number: number): void {
    release(deliveryId);
    const entry = known.get(deliveryId);
    if (entry?.number !== number) return;
    if (entry.unrecorded) entry.forgetAtMs ??= performance.now() + REMEMBER_UNRECORDED_MS;
    else drop(deliveryId);
  }

  /** Of a slot that was kept for an attempt which is made already, or not to be made here. */
  function release(deliveryId: string): void {
    reserved.get(deliveryId)?.slot.leave(false);
    reserved.delete(deliveryId);
  }

  function drop(deliveryId: string): void {
    known.delete(deliveryId);
    cancelled.delete(deliveryId);
    disowned.delete(deliveryId);
  }

  return {
    run(request) {
      const { deliveryId, number } = request.job;
      const present = known.get(deliveryId);
      if (present?.number === number) return present.outcome;
      const outcome = make(request);
      const entry: Known = { number, outcome, unrecorded: false, forgetAtMs: null };
      known.set(deliveryId, entry);
      outcome.then(
        (made) => {
          // What is not in the log stays: only its workflow's activity can hand it on.
          entry.unrecorded = made.kind === 'attempt' && !made.recorded;
          if (!entry.unrecorded) entry.forgetAtMs = performance.now() + REMEMBER_MS;
        },
        // Our own fault: whoever asks again makes a new one.
        () => drop(deliveryId),
      );
      return outcome;
    },
    find(deliveryId, number) {
      const present = known.get(deliveryId);
      return present?.number === number ? present.outcome : undefined;
    },
    forget,
    cancel(deliveryId) {
      release(deliveryId);
      if (known.has(deliveryId)) cancelled.add(deliveryId);
    },
    disown(deliveryId) {
      release(deliveryId);
      if (known.has(deliveryId)) disowned.add(deliveryId);
    },
    reserve(job, slot) {
      release(job.deliveryId);
      reserved.set(job.deliveryId, { job, slot });
      // The workflow may run in another process, or not at all for now: the slot is not kept for ever.
      setTimeout(() => {
        if (reserved.get(job.deliveryId)?.slot === slot) release(job.deliveryId);
      }, RESERVED_MS).unref();
    },
    reservedJob(deliveryId, number) {
      const job = reserved.get(deliveryId)?.job;
      return job?.number === number ? job : undefined;
    },
    has: (deliveryId) => known.has(deliveryId),
  };
}
