import type { AttemptTrigger, Endpoint } from '../domain.ts';
import { NotBegunError, type Sender } from '../http/sender.ts';
import { standingAfter, usesSchedule, type AttemptOutcome, type Outcome } from '../outcome.ts';
import type { Profiles } from '../profiles/index.ts';
import type { EndpointCache } from '../store/endpoint-cache.ts';
import type { Rendered } from '../templates/index.ts';
import type { Bodies } from './bodies.ts';
import { exchange, type Exchanged } from './exchange.ts';
import type { ComeAgain, Slot } from './gate.ts';
import type { Gone } from './gone.ts';
import type { Job } from './job.ts';
import type { Fence } from './membership.ts';
import type { Rates } from './rates.ts';
import type { Recorder } from './recorder.ts';

/** Chooses the workflow that will carry a delivery whose first attempt is over; null leaves it open. */
export type ChooseWorkflow = (outcome: AttemptOutcome, settled: boolean, endpoint: Endpoint) => string | null;

export interface AttemptRequest {
  job: Job;
  /** The trigger of this attempt: the delivery's own, or `manual`. */
  trigger: AttemptTrigger;
  chooseWorkflow: ChooseWorkflow;
}

/** What may come up while an attempt waits for its slot: then it is not made, and this is what it came to. */
export interface Stoppable {
  stop: 'cancelled' | 'foreign' | null;
  /** It has its slot, and is being made: whoever asked for it waits. */
  begun: boolean;
  /** Its connection is open, and the request on its way: too late to stop it. */
  sent: boolean;
}

export interface AttemptMakerDeps {
  endpoints: EndpointCache;
  bodies: Bodies;
  profiles: Profiles;
  sender: Sender;
  rates: Rates;
  recorder: Recorder;
  gone: Gone;
  fence: Fence;
  onAttempt(endpoint: Endpoint, outcome: AttemptOutcome): void;
}

interface Prepared {
  endpoint: Endpoint | null;
  /** Missing: the profile's body is sent. */
  rendered?: Rendered | 'gone' | undefined;
}

/** Makes an attempt, in the slot that was kept for it or in one it waits for. Never throws for what a receiver does. */
export type MakeAttempt = (request: AttemptRequest, state: Stoppable, kept: Slot | null) => Promise<Outcome>;

/** One attempt from the gate to the log. attempts.ts sees to it that none is made twice. */
export function createAttemptMaker(deps: AttemptMakerDeps): MakeAttempt {
  const { endpoints, bodies, profiles, sender, rates, recorder, gone, fence } = deps;

  async function make(request: AttemptRequest, state: Stoppable, kept: Slot | null): Promise<Outcome> {
    const { job, trigger } = request;
    const { tenantId } = job.event;
    let slot = kept;
    let ready: Prepared;
    try {
      do {
        if (!slot) {
          const entered = await rates.enter(await lookUp(tenantId, job.endpointId), request);
          if ('comeAgainAtMs' in entered) return deferred(entered);
          slot = entered;
        }
        await recorder.room();
        // As it is now: it may have changed while this waited.
        ready = await prepared(job);
        while (!fence.isCertain()) {
          await fence.certain();
          ready = await prepared(job);
        }
        if (!state.stop && ready.endpoint && rates.hasMissedTurn(ready.endpoint, slot)) {
          slot.leave(false);
          slot = null;
        }
      } while (!slot);
      const { endpoint, rendered } = ready;
      if (state.stop) return { kind: state.stop };
      if (rendered === 'gone') return { kind: 'cancelled' };
      if (!endpoint) return { kind: 'cancelled' };
      if (trigger === 'probe' && endpoint.disabledReason !== 'failing') return { kind: 'cancelled' };
      if (trigger !== 'probe' && !endpoint.enabled) return { kind: 'held' };
      if (gone.has(endpoint)) {
        await gone.disabled(endpoint);
        return { kind: 'held' };
      }
      const again = rates.comeAgain(endpoint, trigger);
      if (again) return deferred(again);
      const wasSlow = rates.isSlow(endpoint);
      const { deliveryId, event, number } = job;
      state.begun = true;
      const made = await exchange(sender, profiles, {
        endpoint,
        event,
        deliveryId,
        number,
        trigger,
        rendered,
        // A connection takes as long to open as the endpoint likes: others may have taken over meanwhile.
        mayBegin: () => !state.stop && fence.isCertain() && (state.sent = true),
      }).catch(unlessNotBegun);
      if (made === null) {
        slot.leave(false);
        state.begun = false;
        return state.stop ? { kind: state.stop } : await make(request, state, null);
      }
      // Noted before the slot is given to another, who must see it.
      const disabled = made.outcome.gone ? gone.note(endpoint) : null;
      rates.note(endpoint, made.outcome, wasSlow);
      slot.leave(made.result.timedOut);
      await disabled;
      deps.onAttempt(endpoint, made.outcome);
      return await record(request, endpoint, made);
    } finally {
      slot?.leave(false);
    }
  }

  /** The endpoint as it is now, with what its template makes of the event, if anything. */
  async function prepared(job: Job): Promise<Prepared> {
    for (;;) {
      const endpoint = await lookUp(job.event.tenantId, job.endpointId);
      const rendering = endpoint?.enabled ? bodies.of(job, endpoint) : null;
      if (!rendering) return { endpoint };
      const rendered = await rendering;
      // That may have taken a while.
      const now = await lookUp(job.event.tenantId, job.endpointId);
      if (now?.updatedAt.getTime() === endpoint?.updatedAt.getTime()) return { endpoint: now, rendered };
    }
  }

  async function lookUp(tenantId: string, endpointId: string): Promise<Endpoint | null> {
    return endpoints.peek(tenantId, endpointId) ?? endpoints.get(tenantId, endpointId);
  }

  async function record(request: AttemptRequest, endpoint: Endpoint, made: Exchanged): Promise<Outcome> {
    const { job, trigger } = request;
    const { outcome, result } = made;
    const standing = standingAfter(outcome, job.scheduledCount);
    outcome.recorded = await recorder.record({
      tenantId: job.event.tenantId,
      deliveryId: job.deliveryId,
      endpointId: job.endpointId,
      outcome,
      workflowId: request.chooseWorkflow(outcome, standing.status !== 'retrying', endpoint),
      standing,
      usesSchedule: usesSchedule(trigger),
      url: endpoint.url,
      method: endpoint.method,
      remark: result.remark,
      timing: result.timing,
      requestHeaders: JSON.stringify(made.requestHeaders),
      responseHeaders: JSON.stringify(result.responseHeaders),
      responseBody: result.responseBody,
      responseBodyBytes: result.responseBodyBytes,
    });
    return outcome;
  }

  return make;
}

function unlessNotBegun(error: unknown): null {
  if (error instanceof NotBegunError) return null;
  throw error;
}

const deferred = ({ comeAgainAtMs }: ComeAgain): Outcome => ({ kind: 'deferred', untilMs: comeAgainAtMs });
