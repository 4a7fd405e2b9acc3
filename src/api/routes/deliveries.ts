import type { Request, Router } from 'express';
import { phaseOf, TRANSITIONS } from '../../lifecycle.ts';
import { Problem } from '../../problem.ts';
import { renderBody } from '../../profiles/render.ts';
import { listAttempts } from '../../store/list-attempts.ts';
import { findDelivery, findRenderedBody, type ListedDelivery } from '../../store/list-deliveries.ts';
import { findEventByUid } from '../../store/list-events.ts';
import { readHistory } from '../../temporal/history.ts';
import { createTenantSeats } from '../../tenant-seats.ts';
import type { ApiContext } from '../context.ts';
import { createDeliveryPages, listSchema } from '../delivery-page.ts';
import { param, readQuery, readTenant } from '../request.ts';
import { attemptView, deliveryView } from '../views.ts';

/** Of a delivery that stood in a lane. */
const OUT_OF_ORDER =
  'It had ended, so it is sent again out of order: its lane has gone on to what was accepted after it.';

/** Of a set it is the history of hundreds, read for each: 30 ms of this process in all, and more the longer it lives. */
const HISTORIES = { each: 2, all: 8, rate: null };

export function deliveryRoutes(router: Router, context: ApiContext): void {
  const { pool, endpoints, profiles, orders } = context;
  const pages = createDeliveryPages(context);
  const beginReading = createTenantSeats(HISTORIES);
  const base = '/v1/tenants/:tenant/deliveries';

  async function find(request: Request): Promise<ListedDelivery> {
    const id = param(request, 'id');
    const delivery = await findDelivery(pool, readTenant(request), id);
    if (!delivery) throw Problem.notFound('delivery', id);
    return delivery;
  }

  router.get(base, async (request, response) => {
    response.json(await pages(readTenant(request), readQuery(request, listSchema)));
  });

  router.get(`${base}/:id`, async (request, response) => {
    const tenantId = readTenant(request);
    const delivery = await find(request);
    const [attempts, event, endpoint, rendered] = await Promise.all([
      listAttempts(pool, tenantId, delivery.id),
      findEventByUid(pool, tenantId, delivery.eventUid),
      endpoints.get(tenantId, delivery.endpointId),
      findRenderedBody(pool, tenantId, delivery.id),
    ]);
    const profile = endpoint && profiles.get(endpoint.profile);
    const data = event?.data;
    const isPlain =
      endpoint?.template === null || attempts.some(({ errorClass }) => errorClass !== 'template');
    const plain =
      isPlain && event && data && profile ? renderBody(profile, { ...event, tenantId, data }) : null;
    response.json({
      ...deliveryView(delivery, endpoint),
      request_body: rendered ?? plain,
      attempts: attempts.map(attemptView),
    });
  });

  /** Temporal keeps closed workflows for a while only, and none of what was carried in a crowd and cut off. */
  async function fromTheLog({ id, laneKey }: ListedDelivery, tenantId: string) {
    const attempts = await listAttempts(pool, tenantId, id);
    return {
      note:
        laneKey === null
          ? 'Temporal has no workflow of this delivery, or no longer: these are the attempts in the log.'
          : "This delivery stands in its endpoint's lane, whose workflow notes what failed and what waits: these are its attempts in the log.",
      attempts: attempts.map(attemptView),
    };
  }

  router.get(`${base}/:id/history`, async (request, response) => {
    const delivery = await find(request);
    const temporal = context.temporal();
    if (!temporal)
      throw Problem.unavailable(
        'Temporal cannot be reached, and the history is there; try again shortly.',
        5,
      );
    const workflowIds = [delivery.workflowId ?? delivery.id, delivery.id];
    const end = beginReading(readTenant(request));
    const runs = await readHistory(temporal.client, workflowIds, delivery).finally(end);
    response.json({
      delivery_id: delivery.id,
      status: delivery.status,
      next_attempt_at: delivery.nextAttemptAt,
      runs,
      ...(delivery.laneKey === null && (runs.length > 0 || phaseOf(delivery.status) === 'held')
        ? {}
        : await fromTheLog(delivery, readTenant(request))),
    });
  });

  router.post(`${base}/:id/retry`, async (request, response) => {
    const { id, status, laneKey } = await orders.retry(readTenant(request), param(request, 'id'));
    const isLate = laneKey !== null && phaseOf(status) === 'ended';
    response.status(202).json({ id, status, ...(isLate ? { note: OUT_OF_ORDER } : {}) });
  });

  router.post(`${base}/:id/cancel`, async (request, response) => {
    const id = param(request, 'id');
    await orders.cancel(readTenant(request), id);
    response.status(202).json({ id, status: TRANSITIONS.cancel.to });
  });
}
