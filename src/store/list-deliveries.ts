import type { AttemptErrorClass, AttemptTrigger, DeliveryStatus, Environment } from '../domain.ts';
import { lowestDeliveryIdAt } from '../ids.ts';
import { conditions, queryPage, type Page } from './list-page.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';

export interface ListedDelivery {
  id: string;
  eventUid: string;
  eventId: string;
  eventType: string;
  endpointId: string;
  environment: Environment;
  trigger: AttemptTrigger;
  /** The replay that made it. */
  replayId: string | null;
  status: DeliveryStatus;
  attemptCount: number;
  scheduledCount: number;
  nextAttemptAt: Date | null;
  lastStatusCode: number | null;
  lastErrorClass: AttemptErrorClass | null;
  workflowId: string | null;
  /** Null: it stands in no lane. Else its ordering key, or '', and its place. */
  laneKey: string | null;
  lanePlace: number | null;
  createdAt: Date;
  completedAt: Date | null;
}

export interface DeliveryFilter {
  statuses?: DeliveryStatus[];
  endpointId?: string;
  /** Our id of it: see find-event-uid.ts. */
  eventUid?: string;
  replayId?: string;
  eventType?: string;
  environment?: Environment;
  since?: Date;
  until?: Date;
}

const COLUMNS = `id, event_uid AS "eventUid", event_id AS "eventId", event_type AS "eventType", endpoint_id AS "endpointId", environment, trigger,
  replay_id AS "replayId", status, attempt_count AS "attemptCount", scheduled_count AS "scheduledCount", next_attempt_at AS "nextAttemptAt",
  last_status_code AS "lastStatusCode", last_error_class AS "lastErrorClass", workflow_id AS "workflowId", lane_key AS "laneKey", lane_place AS "lanePlace",
  created_at AS "createdAt", completed_at AS "completedAt"`;

/** Statuses that few deliveries have, or few for long: they are in an index of their own. */
const UNUSUAL: readonly DeliveryStatus[] = ['retrying', 'failed', 'held', 'cancelled'];

/** Newest first. `beforeId` is where the last page ended. */
export function listDeliveries(
  db: Queryable,
  tenantId: string,
  filter: DeliveryFilter,
  limit: number,
  beforeId: string | null,
): Promise<Page<ListedDelivery>> {
  const { statuses, endpointId, eventUid, replayId } = filter;
  const values: unknown[] = [];
  const indexed = conditions(values, [
    ['tenant_id = ?', tenantId],
    ['event_uid = ?', eventUid],
    ['endpoint_id = ?', endpointId],
    ['replay_id = ?', replayId],
    // Ids begin with the time of creation, so the time filters use the same index as the paging does.
    ['id >= ?', filter.since && lowestDeliveryIdAt(filter.since)],
    ['id < ?', filter.until && lowestDeliveryIdAt(filter.until)],
    ['id < ?', beforeId],
  ]);
  const indexedValues = values.length;
  const rest = conditions(values, [
    ['event_type = ?', filter.eventType],
    ['environment = ?', filter.environment],
  ]);
  // As text: the planner has to see that it is one of the index.
  if (statuses) {
    const areUnusual = statuses.every((status) => UNUSUAL.includes(status));
    (areUnusual ? indexed : rest).push(`status IN ${statusList(statuses)}`);
  }
  const query = { table: 'deliveries', order: ['id'], columns: COLUMNS };
  return queryPage(db, { ...query, indexed, rest, values, indexedValues, limit });
}

/** What its attempts send where a template has made it; null: none has, or not yet, or it is gone by its age. */
export async function findRenderedBody(db: Queryable, tenantId: string, id: string): Promise<string | null> {
  const { rows } = await db.query<{ body: string | null }>({
    text: 'SELECT rendered_body AS body FROM deliveries WHERE tenant_id = $1 AND id = $2',
    values: [tenantId, id],
  });
  return rows[0]?.body ?? null;
}

export async function findDelivery(
  db: Queryable,
  tenantId: string,
  id: string,
): Promise<ListedDelivery | null> {
  const { rows } = await db.query<ListedDelivery>({
    name: 'find-delivery',
    text: `SELECT ${COLUMNS} FROM deliveries WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, id],
  });
  return rows[0] ?? null;
}
