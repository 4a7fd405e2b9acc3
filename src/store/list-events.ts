import type { Environment } from '../domain.ts';
import type { Queryable } from './pool.ts';

export interface ListedEvent {
  id: string;
  type: string;
  environment: Environment;
  timestamp: Date;
  createdAt: Date;
  /** JSON text; only when one event is asked for. */
  data?: string;
  deliveryIds?: string[];
}

export interface EventFilter {
  type?: string;
  environment?: Environment;
  since?: Date;
  until?: Date;
}

/** Where a page ended: events may have the caller's own ids, so the time comes first. */
export interface EventPosition {
  createdAt: string;
  id: string;
}

const COLUMNS = `id, type, environment, "timestamp", created_at AS "createdAt"`;

/** Newest first. */
export async function listEvents(
  db: Queryable,
  tenantId: string,
  filter: EventFilter,
  limit: number,
  before: EventPosition | null,
): Promise<ListedEvent[]> {
  const { rows } = await db.query<ListedEvent>({
    text: `SELECT ${COLUMNS} FROM events
            WHERE tenant_id = $1
              AND ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR environment = $3)
              AND ($4::timestamptz IS NULL OR created_at >= $4) AND ($5::timestamptz IS NULL OR created_at < $5)
              AND ($6::timestamptz IS NULL OR (created_at, id) < ($6, $7))
            ORDER BY created_at DESC, id DESC LIMIT $8`,
    values: [
      tenantId,
      filter.type ?? null,
      filter.environment ?? null,
      filter.since ?? null,
      filter.until ?? null,
      before?.createdAt ?? null,
      before?.id ?? null,
      limit,
    ],
  });
  return rows;
}

export async function findEvent(db: Queryable, tenantId: string, id: string): Promise<ListedEvent | null> {
  const { rows } = await db.query<ListedEvent>({
    name: 'find-event',
    text: `SELECT ${COLUMNS}, data,
                  ARRAY(SELECT d.id FROM deliveries d WHERE d.tenant_id = $1 AND d.event_id = $2 ORDER BY d.id)
                    AS "deliveryIds"
             FROM events WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, id],
  });
  return rows[0] ?? null;
}
