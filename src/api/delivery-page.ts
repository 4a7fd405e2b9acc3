import { z } from 'zod';
import type { Endpoint } from '../domain.ts';
import { ENVIRONMENTS } from '../events/environments.ts';
import { STATUSES } from '../lifecycle.ts';
import { Problem } from '../problem.ts';
import { everHadEndpoint } from '../store/ever-had-endpoint.ts';
import { findEventUid } from '../store/find-event-uid.ts';
import { listLastAttempts } from '../store/list-attempts.ts';
import { listDeliveries, type ListedDelivery } from '../store/list-deliveries.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, limit, listOf, time } from './request.ts';
import { deliveryView, lastAttemptView } from './views.ts';

const filters = {
  status: listOf(STATUSES).optional(),
  endpoint_id: z.string().optional(),
  event_id: z.string().optional(),
  replay_id: z.string().optional(),
  event_type: z.string().optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  since: time.optional(),
  until: time.optional(),
  include: z.enum(['last_attempt'], { error: 'must be last_attempt' }).optional(),
  limit,
};
export const listSchema = z.strictObject({ ...filters, cursor: z.string().optional() });
/** Of the first page, as it changes. */
export const streamSchema = z.strictObject(filters);

export type DeliveryQuery = z.infer<typeof listSchema>;
export type DeliveryPage = Awaited<ReturnType<DeliveryPages>>;
export type DeliveryPages = ReturnType<typeof createDeliveryPages>;

/** A page of deliveries, as callers see it. */
export function createDeliveryPages({ pool, listPool, endpoints }: ApiContext) {
  return async (tenantId: string, query: DeliveryQuery) => {
    const before = decodeCursor(query.cursor, 'dlv');
    const { event_id: eventId, endpoint_id: endpointId } = query;
    if (endpointId !== undefined && !(await everHadEndpoint(pool, tenantId, endpointId)))
      throw Problem.field('endpoint_id', `there is no endpoint "${endpointId}" here, and there was none`);
    const eventUid =
      eventId === undefined ? undefined : ((await findEventUid(pool, tenantId, eventId)) ?? eventId);
    const filter = {
      statuses: query.status,
      endpointId,
      eventUid,
      replayId: query.replay_id,
      eventType: query.event_type,
      environment: query.environment,
      since: query.since,
      until: query.until,
    };
    const found = await listDeliveries(listPool, tenantId, filter, query.limit, before);
    const known = new Map<string, Endpoint | null>();
    for (const { endpointId } of found.rows) {
      if (!known.has(endpointId)) known.set(endpointId, await endpoints.get(tenantId, endpointId));
    }
    const ids = found.rows.map((row) => row.id);
    const lastOf = query.include && (await listLastAttempts(listPool, tenantId, ids));
    const view = (row: ListedDelivery) => {
      const last = lastOf?.get(row.id);
      return {
        ...deliveryView(row, known.get(row.endpointId) ?? null),
        ...(lastOf ? { last_attempt: last ? lastAttemptView(last) : null } : {}),
      };
    };
    return { data: found.rows.map(view), next_cursor: found.end && encodeCursor(found.end) };
  };
}
