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

/** What may come up while an attempt waits for its slot: then it is not made, and this is what it came to. */
export interface Stoppable {
  stop: 'cancelled' | 'foreign' | null;
}

export interface AttemptMakerDeps {
  endpoints: EndpointCache;
  profiles: Profiles;
  sender: Sender;
  gate: Gate;
  recorder: Recorder;
  disableEndpoint(tenantId: string, endpointId: string, reason: string): Promise<void>;
  onAttempt(endpoint: Endpoint, outcome: AttemptOutcome): void;
  log: Logger;
}

/** Makes an attempt, in the slot that was kept for it or in one it waits for. Never throws for what a receiver does. */
export type MakeAttempt = (request: AttemptRequest, state: Stoppable, kept: Slot | null) => Promise<Outcome>;

/** One attempt from the gate to the log. attempts.ts sees to it that none is made twice. */
export function createAttemptMaker(deps: AttemptMakerDeps): MakeAttempt {
  const { endpoints, profiles, sender, gate, recorder } = deps;

  async function make(request: AttemptRequest, state: Stoppable, kept: Slot | null): Promise<Outcome> {
    const { job, trigger } = request;
    const { tenantId } = job.event;
    let slot = kept;
    try {
      slot ??= await enterGate(tenantId, job.endpointId);
      await recorder.room();
      // As it is now: it may have changed while this waited.
      const endpoint = await lookUp(tenantId, job.endpointId);
      if (state.stop) return { kind: state.stop };
      if (!endpoint) return { kind: 'cancelled' };
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

  return make;
}
