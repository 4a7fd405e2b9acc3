import type { Queryable } from './pool.ts';

/** Our id of the event that callers know by `eventId`; null when the tenant has none such. */
export async function findEventUid(db: Queryable, tenantId: string, eventId: string): Promise<string | null> {
  const { rows } = await db.query<{ uid: string }>({
    name: 'find-event-uid',
    text: `SELECT event_uid AS uid FROM event_keys WHERE tenant_id = $1 AND event_id = $2
           UNION ALL SELECT uid FROM events WHERE tenant_id = $1 AND uid = $2 LIMIT 1`,
    values: [tenantId, eventId],
  });
  return rows[0]?.uid ?? null;
}
