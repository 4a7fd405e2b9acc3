import type { Router } from 'express';
import { z } from 'zod';
import { WHY_NOT } from '../../notify/why-not.ts';
import { listNotices } from '../../store/list-notices.ts';
import { NOTICE_KINDS, NOTICE_STATUSES, type Notice } from '../../store/notices.ts';
import type { ApiContext } from '../context.ts';
import { decodeCursor, encodeCursor, limit, listOf, readQuery, readTenant } from '../request.ts';

export const listSchema = z.strictObject({
  endpoint_id: z.string().optional(),
  kind: listOf(NOTICE_KINDS).optional(),
  status: listOf(NOTICE_STATUSES).optional(),
  limit,
  cursor: z.string().optional(),
});

export const allSchema = listSchema.omit({ endpoint_id: true });

/** What the people behind endpoints were told, or why they were not. */
export function notificationRoutes(router: Router, { listPool }: ApiContext): void {
  router.get('/v1/tenants/:tenant/notifications', async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const before = decodeCursor(query.cursor, 'ntc');
    const filter = { endpointId: query.endpoint_id, kinds: query.kind, statuses: query.status };
    const found = await listNotices(listPool, tenantId, filter, query.limit, before);
    response.json({ data: found.rows.map(noticeView), next_cursor: found.end && encodeCursor(found.end) });
  });

  /** Of all tenants. */
  router.get('/v1/notifications', async (request, response) => {
    const query = readQuery(request, allSchema);
    const before = decodeCursor(query.cursor, 'ntc');
    const filter = { kinds: query.kind, statuses: query.status };
    const found = await listNotices(listPool, null, filter, query.limit, before);
    const data = found.rows.map((notice) => ({ tenant_id: notice.tenantId, ...noticeView(notice) }));
    response.json({ data, next_cursor: found.end && encodeCursor(found.end) });
  });
}

function noticeView(notice: Notice) {
  const { whyNot, lastStatusCode, lastErrorClass, lastErrorMessage } = notice;
  return {
    id: notice.id,
    kind: notice.kind,
    endpoint_id: notice.endpointId,
    reason: notice.reason,
    failing_since: notice.failingSince,
    deliveries: notice.deliveries,
    delivery_ids: notice.deliveryIds,
    last_status_code: lastStatusCode,
    last_error: lastErrorClass === null ? null : { class: lastErrorClass, message: lastErrorMessage },
    created_at: notice.openedAt,
    last_at: notice.lastAt,
    status: notice.status,
    why_not: whyNot && { code: whyNot, message: WHY_NOT[whyNot] },
    sent_at: notice.sentAt,
    sent_to: notice.accepted,
    refused_by: notice.refused,
    tries: notice.tries,
    next_try_at: notice.nextTryAt,
    last_problem: notice.lastProblem,
  };
}
