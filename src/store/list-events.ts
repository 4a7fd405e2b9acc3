import type { Environment } from '../domain.ts';
import { idRange, lowestIdAt } from '../ids.ts';
import { findEventUid } from './find-event-uid.ts';
import { listEventDeliveries } from './list-event-deliveries.ts';
import { conditions, queryPage, type Page } from './list-page.ts';
import type { Queryable } from './pool.ts';

export interface ListedEvent {
  uid: string;
  id: string;
  type: string;
  environment: Environment;
  timestamp: Date;
  orderingKey: string | null;
  createdAt: Date;
  /** JSON text; only when one event is asked for. Null: dropped before its time (PAYLOAD_RETENTION_DAYS). */
  data?: string | null;
  deliveryIds?: string[];
}

export interface EventFilter {
  type?: string;
  environment?: Environment;
  since?: Date;
  until?: Date;
}

const COLUMNS = `uid, id, type, environment, "timestamp", ordering_key AS "orderingKey", created_at AS "createdAt"`;

/** Newest first. `beforeUid` is where the last page ended: events may have callers' own ids, in any order. */
export function listEvents(
  db: Queryable,
  tenantId: string,
  filter: EventFilter,
  limit: number,
  beforeUid: string | null,
): Promise<Page<ListedEvent>> {
  const values: unknown[] = [];
  const indexed = conditions(values, [
    ['tenant_id = ?', tenantId],
    ['uid >= ?', filter.since && lowestIdAt('evt', filter.since)],
    ['uid < ?', filter.until && lowestIdAt('evt', filter.until)],
    ['uid < ?', beforeUid],
  ]);
  const indexedValues = values.length;
  const rest = conditions(values, [
    ['type = ?', filter.type],
    ['environment = ?', filter.environment],
  ]);
  const query = { table: 'events', order: ['uid'], columns: COLUMNS };
  return queryPage(db, { ...query, indexed, rest, values, indexedValues, limit });
}

export async function findEvent(db: Queryable, tenantId: string, id: string): Promise<ListedEvent | null> {
  const uid = await findEventUid(db, tenantId, id);
  if (uid === null) return null;
  const [event, deliveries] = await Promise.all([
    findEventByUid(db, tenantId, uid),
    listEventDeliveries(db, tenantId, uid),
  ]);
  return event && { ...event, deliveryIds: deliveries.map((delivery) => delivery.id) };
}

/** Their callers' ids by ours; nothing else of them is read. */
export async function eventIdsByUid(
  db: Queryable,
  tenantId: string,
  uids: string[],
): Promise<Map<string, string>> {
  const { rows } = await db.query<{ uid: string; id: string }>({
    text: 'SELECT uid, id FROM events WHERE tenant_id = $1 AND uid = ANY ($2) AND uid BETWEEN $3 AND $4',
    values: [tenantId, uids, ...idRange(uids)],
  });
  return new Map(rows.map(({ uid, id }) => [uid, id]));
}

export async function findEventByUid(
  db: Queryable,
  tenantId: string,
  uid: string,
): Promise<ListedEvent | null> {
  const { rows } = await db.query<ListedEvent>({
    name: 'find-event-by-uid',
    text: `SELECT ${COLUMNS}, data FROM events WHERE tenant_id = $1 AND uid = $2`,
    values: [tenantId, uid],
  });
  return rows[0] ?? null;
}
