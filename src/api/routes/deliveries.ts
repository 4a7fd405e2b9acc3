import type { Request, Router } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ENVIRONMENTS } from '../../accept/event-input.ts';
import type { Endpoint } from '../../domain.ts';
import { Problem } from '../../problem.ts';
import { renderBody } from '../../profiles/render.ts';
import { cancelDeliveries } from '../../store/delivery-state.ts';
import {
  findDelivery,
  listAttempts,
  listDeliveries,
  type ListedDelivery,
} from '../../store/list-deliveries.ts';
import { findEvent } from '../../store/list-events.ts';
import { CHANNELS } from '../../store/listener.ts';
import { readHistory } from '../../temporal/history.ts';
import type { ApiContext } from '../context.ts';
import { decodeCursor, limit, page, param, readQuery, readTenant, time } from '../request.ts';
import { attemptView, deliveryView } from '../views.ts';

/** Deliveries wait up to half a second for a workflow to ride in. */
const CARRIER_WAIT_MS = 1_500;
const CARRIER_POLL_MS = 50;

const STATUSES = ['pending', 'retrying', 'succeeded', 'failed', 'held', 'cancelled'] as const;

const listSchema = z.strictObject({
  status: z.enum(STATUSES).optional(),
  endpoint_id: z.string().optional(),
  event_id: z.string().optional(),
  event_type: z.string().optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  since: time.optional(),
  until: time.optional(),
  limit,
  cursor: z.string().optional(),
});

export function deliveryRoutes(router: Router, context: ApiContext): void {
  const { pool, endpoints, profiles, workflows } = context;
  const base = '/v1/tenants/:tenant/deliveries';

  async function find(request: Request): Promise<ListedDelivery> {
    const id = param(request, 'id');
    const delivery = await findDelivery(pool, readTenant(request), id);
    if (!delivery) throw Problem.notFound('delivery', id);
    return delivery;
  }

  router.get(base, async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const before = decodeCursor(query.cursor, 1);
    const filter = {
      status: query.status,
      endpointId: query.endpoint_id,
      eventId: query.event_id,
      eventType: query.event_type,
      environment: query.environment,
      since: query.since,
      until: query.until,
    };
    const rows = await listDeliveries(pool, tenantId, filter, query.limit + 1, before?.[0] ?? null);
    const known = new Map<string, Endpoint | null>();
    for (const { endpointId } of rows) {
      if (!known.has(endpointId)) known.set(endpointId, await endpoints.get(tenantId, endpointId));
    }
    const view = (row: ListedDelivery) => deliveryView(row, known.get(row.endpointId) ?? null);
    response.json(page(rows, query.limit, view, (row) => [row.id]));
  });

  router.get(`${base}/:id`, async (request, response) => {
    const tenantId = readTenant(request);
    const delivery = await find(request);
    const [attempts, event, endpoint] = await Promise.all([
      listAttempts(pool, delivery.id),
      findEvent(pool, tenantId, delivery.eventId),
      endpoints.get(tenantId, delivery.endpointId),
    ]);
    const profile = endpoint && profiles.get(endpoint.profile);
    const body = event && profile ? renderBody(profile, { ...event, tenantId, data: event.data! }) : null;
    response.json({
      ...deliveryView(delivery, endpoint),
      request_body: body,
      attempts: attempts.map(attemptView),
    });
  });

  router.get(`${base}/:id/history`, async (request, response) => {
    const delivery = await find(request);
    const temporal = context.temporal();
    if (!temporal)
      throw Problem.unavailable(
        'Temporal cannot be reached, and the history is there; try again shortly.',
        5,
      );
    const workflowIds = [delivery.workflowId ?? delivery.id, delivery.id];
    const runs = await readHistory(temporal.client, workflowIds, delivery.id);
    response.json({
      delivery_id: delivery.id,
      status: delivery.status,
      next_attempt_at: delivery.nextAttemptAt,
      runs,
    });
  });

  router.post(`${base}/:id/retry`, async (request, response) => {
    const tenantId = readTenant(request);
    const delivery = await find(request);
    const endpoint = await endpoints.get(tenantId, delivery.endpointId);
    if (!endpoint) throw new Problem(409, 'Endpoint deleted', 'The endpoint of this delivery was deleted.');
    if (!endpoint.enabled)
      throw new Problem(409, 'Endpoint disabled', 'Enable the endpoint before you retry to it.');
    await retry(tenantId, delivery);
    response.status(202).json({ id: delivery.id, status: delivery.status });
  });

  async function retry(tenantId: string, found: ListedDelivery): Promise<void> {
    // Its first attempt is about to be made, or is under way.
    if (found.status === 'pending' || found.status === 'held') return;
    if (!context.temporal())
      throw Problem.unavailable('Temporal cannot be reached, and it carries retries; try again shortly.', 5);
    const delivery = await withCarrier(tenantId, found);
    const waiting = delivery.status === 'retrying';
    const { id, workflowId, attemptCount } = delivery;
    if (waiting && workflowId && (await workflows.signalRetry(workflowId, id, attemptCount))) return;
    const dueAtMs = waiting ? (delivery.nextAttemptAt?.getTime() ?? null) : null;
    await workflows.startRetry({
      workflowId: delivery.id,
      succeeded: false,
      passengers: [
        {
          deliveryId: delivery.id,
          tenantId,
          endpointId: delivery.endpointId,
          eventType: delivery.eventType,
          eventId: delivery.eventId,
          progress: {
            attempts: delivery.attemptCount,
            scheduled: delivery.scheduledCount,
            dueAtMs,
            ...(waiting ? {} : { ended: true }),
          },
        },
      ],
    });
  }

  /** Attempted a moment ago, its workflow is about to start: the signal is for that one, not for a second beside it. */
  async function withCarrier(tenantId: string, found: ListedDelivery): Promise<ListedDelivery> {
    let delivery = found;
    const giveUpAt = performance.now() + CARRIER_WAIT_MS;
    while (delivery.status === 'retrying' && !delivery.workflowId && performance.now() < giveUpAt) {
      await sleep(CARRIER_POLL_MS);
      delivery = (await findDelivery(pool, tenantId, found.id)) ?? delivery;
    }
    return delivery;
  }

  router.post(`${base}/:id/cancel`, async (request, response) => {
    const delivery = await find(request);
    const [cancelled] = await cancelDeliveries(pool, [delivery.id]);
    if (!cancelled) {
      throw new Problem(
        409,
        'Delivery ended',
        `The delivery has ${delivery.status} already: there is nothing to cancel.`,
      );
    }
    await pool.query({ text: 'SELECT pg_notify($1, $2)', values: [CHANNELS.cancelled, delivery.id] });
    // The row decides; the signal only ends the workflow early. With Temporal away it ends at its next step.
    if (cancelled.workflowId && context.temporal()) {
      await workflows.signalCancel(cancelled.workflowId, delivery.id).catch((error: unknown) => {
        context.log.warn(
          { err: error, deliveryId: delivery.id },
          'the workflow of a cancelled delivery could not be told',
        );
      });
    }
    response.status(202).json({ id: delivery.id, status: 'cancelled' });
  });
}
