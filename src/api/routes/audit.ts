import type { Request, Router } from 'express';
import { z } from 'zod';
import { AUDIT_ACTIONS, listAudit, type AuditRow } from '../../store/audit.ts';
import type { ApiContext } from '../context.ts';
import { decodeCursor, encodeCursor, limit, listOf, readQuery, readTenant, time } from '../request.ts';

export const listSchema = z.strictObject({
  action: listOf(AUDIT_ACTIONS).optional(),
  subject_id: z.string().optional(),
  actor_id: z.string().optional(),
  since: time.optional(),
  until: time.optional(),
  limit,
  cursor: z.string().optional(),
});

/** Who changed what of a tenant; and, for admins, of what belongs to none: keys, event types, tenants that are gone. */
export function auditRoutes(router: Router, { listPool }: ApiContext): void {
  async function list(request: Request, tenantId: string) {
    const query = readQuery(request, listSchema);
    const { action: actions, subject_id: subjectId, actor_id: actorId, since, until } = query;
    const filter = { tenantId, actions, subjectId, actorId, since, until };
    const { rows, end } = await listAudit(listPool, filter, query.limit, decodeCursor(query.cursor, 'aud'));
    return { data: rows.map(auditView), next_cursor: end && encodeCursor(end) };
  }

  router.get('/v1/tenants/:tenant/audit', async (request, response) => {
    response.json(await list(request, readTenant(request)));
  });

  router.get('/v1/audit', async (request, response) => {
    response.json(await list(request, ''));
  });
}

function auditView(row: AuditRow) {
  return {
    id: row.id,
    created_at: row.createdAt,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    action: row.action,
    subject_id: row.subjectId,
    before: row.before,
    after: row.after,
    sealed: row.sealed,
  };
}
