import { ApplicationFailure } from '@temporalio/activity';
import { Problem } from '../src/problem.ts';
import type { Acceptor } from '../src/accept/accept.ts';
import { parseEventInput, parseTenant } from '../src/accept/event-input.ts';
import { finishedAtMs, standingAfter, usesSchedule } from '../src/outcome.ts';
import { cancelDeliveries } from '../src/store/delivery-state.ts';
import { loadDeliveries } from '../src/store/load-deliveries.ts';
import { recordAttempts } from '../src/store/record-attempts.ts';
import { createAttemptActivity, type AttemptActivityDeps } from './attempt.ts';
import type { Activities, PublishEventInput, UnrecordedAttempt } from './types.ts';

export interface ActivityDeps extends AttemptActivityDeps {
  acceptor: Acceptor;
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
      for (const attempt of missing) {
        const { event, endpointId } = present.get(attempt.id)!.job;
        const endpoint = await deps.endpoints.get(event.tenantId, endpointId);
        await recordAttempts(deps.db, [
          recordFromHistory(attempt, endpoint?.url ?? '', endpoint?.method ?? 'POST'),
        ]);
      }
    },

    async cancelDeliveries({ ids }) {
      await cancelDeliveries(deps.db, ids);
    },

    async acceptEvent({ event, idempotencyKey }) {
      try {
        const { tenant, ...rest } = checkTenant(event);
        const input = parseEventInput(rest, '');
        const accepted = await deps.acceptor.publish(parseTenant(tenant), input, {
          key: idempotencyKey,
          body: JSON.stringify(event),
        });
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

function recordFromHistory({ id, scheduledBefore, outcome }: UnrecordedAttempt, url: string, method: string) {
  return {
    deliveryId: id,
    outcome: { ...outcome, recorded: true, durationMs: finishedAtMs(outcome) - outcome.startedAtMs },
    workflowId: null,
    standing: standingAfter(outcome, scheduledBefore),
    usesSchedule: usesSchedule(outcome.trigger),
    url,
    method,
    requestHeaders: '{}',
    responseHeaders: '{}',
    responseBody: outcome.excerpt,
    responseBodyBytes: Buffer.byteLength(outcome.excerpt),
  };
}
