import { ApplicationFailure } from '@temporalio/activity';
import type { Logger } from 'pino';
import { Problem } from '../src/problem.ts';
import type { Acceptor } from '../src/accept/accept.ts';
import { parseEventInput, parsePublisher } from '../src/accept/event-input.ts';
import { workflowIdempotency } from '../src/accept/idempotency.ts';
import { writeAttempts } from '../src/dispatch/write-attempts.ts';
import type { Endpoint } from '../src/domain.ts';
import { NO_TIMING } from '../src/http/timing.ts';
import { finishedAtMs, standingAfter, usesSchedule } from '../src/outcome.ts';
import { cancelDeliveries } from '../src/store/delivery-state.ts';
import { loadDeliveries } from '../src/store/load-deliveries.ts';
import type { AttemptRecord } from '../src/store/record-attempts.ts';
import { createAttemptActivity, type AttemptActivityDeps } from './attempt.ts';
import type { Activities, PublishEventInput, UnrecordedAttempt } from './types.ts';

export interface ActivityDeps extends AttemptActivityDeps {
  acceptor: Acceptor;
  log: Logger;
}

/** Everything workflows may do to the world. */
export function createActivities(deps: ActivityDeps): Activities {
  return {
    attempt: createAttemptActivity(deps),

    /** Writes log rows that could not be written when the attempts were made: from what the history kept of them. */
    async recordAttempts({ attempts }) {
      const wanted = attempts.map(({ id, outcome }) => ({ deliveryId: id, number: outcome.number }));
      const present = await loadDeliveries(deps.db, wanted);
      const missing = attempts.filter(({ id }) => present.has(id) && !present.get(id)!.recorded);
      const records: AttemptRecord[] = [];
      for (const attempt of missing) {
        const { event, endpointId } = present.get(attempt.id)!.job;
        const endpoint = await deps.endpoints.get(event.tenantId, endpointId);
        records.push(recordFromHistory(attempt, { tenantId: event.tenantId, endpointId, endpoint }));
      }
      if (records.length > 0) await writeAttempts(deps.db, records, deps.log);
    },

    async cancelDeliveries({ ids }) {
      await cancelDeliveries(deps.db, ids);
    },

    async acceptEvent({ event, idempotencyKey }) {
      try {
        const { tenant, ...rest } = checkTenant(event);
        const input = parseEventInput(rest, '');
        const idempotency = workflowIdempotency(idempotencyKey, input);
        const accepted = await deps.acceptor.publish(parsePublisher(tenant), input, idempotency);
        return { id: accepted.id, delivery_ids: accepted.deliveryIds };
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500) throw error;
        throw ApplicationFailure.create({
          type: 'InvalidEvent',
          message: error.message,
          nonRetryable: true,
          details: [{ status: error.status, errors: error.errors }],
        });
      }
    },
  };
}

function checkTenant(event: PublishEventInput): PublishEventInput {
  if (
    typeof event !== 'object' ||
    event === null ||
    typeof event.tenant !== 'string' ||
    event.tenant === ''
  ) {
    throw Problem.field('tenant', 'publishEvent takes one object whose "tenant" is the id of the tenant');
  }
  return event;
}

function recordFromHistory(
  { id, scheduledBefore, outcome }: UnrecordedAttempt,
  { tenantId, endpointId, endpoint }: { tenantId: string; endpointId: string; endpoint: Endpoint | null },
): AttemptRecord {
  return {
    tenantId,
    deliveryId: id,
    endpointId,
    outcome: { ...outcome, recorded: true, durationMs: finishedAtMs(outcome) - outcome.startedAtMs },
    workflowId: null,
    standing: standingAfter(outcome, scheduledBefore),
    usesSchedule: usesSchedule(outcome.trigger),
    url: endpoint?.url ?? '',
    method: endpoint?.method ?? 'POST',
    timing: NO_TIMING,
    remark: 'Postgres could not be reached: this is what the history of the workflow had kept',
    requestHeaders: '{}',
    responseHeaders: '{}',
    responseBody: outcome.excerpt,
    responseBodyBytes: Buffer.byteLength(outcome.excerpt),
  };
}
