import type { AttemptTrigger, DeliveryStatus, Environment, EventRecord } from '../domain.ts';
import type { Job } from '../dispatch/job.ts';

/** A delivery joined with its event, as {@link WORK_COLUMNS} selects it. */
export interface WorkRow {
  id: string;
  tenant_id: string;
  endpoint_id: string;
  trigger: AttemptTrigger;
  status: DeliveryStatus;
  attempt_count: number;
  scheduled_count: number;
  next_attempt_at: Date | null;
  workflow_id: string | null;
  event_uid: string;
  body: 'plain' | 'rendered' | null;
  event_id: string;
  event_type: string;
  environment: Environment;
  timestamp: Date;
  /** Null where an earlier row has the same event. */
  data: string | null;
}

/** What has been sent so far: an attempt whose template failed has sent nothing. */
const BODY = `CASE WHEN d.rendered_body IS NOT NULL THEN 'rendered'
  WHEN d.attempt_count > 0 AND d.last_error_class IS DISTINCT FROM 'template' THEN 'plain' END AS body`;

/** Of `deliveries d` with {@link JOIN_EVENT}. An event of many deliveries is sent once: see {@link eventsOf}. */
export const WORK_COLUMNS = `d.id, d.tenant_id, d.endpoint_id, d.trigger, d.status, d.attempt_count, d.scheduled_count,
  d.next_attempt_at, d.workflow_id, d.event_uid, d.event_id, d.event_type, d.environment, e."timestamp", ${BODY},
  CASE WHEN row_number() OVER (PARTITION BY d.tenant_id, d.event_uid) = 1 THEN e.data END AS data`;

/** By key, one by one: OFFSET keeps Postgres from reading all events of a day to join them with a few deliveries. */
export const JOIN_EVENT = `CROSS JOIN LATERAL (
  SELECT * FROM events WHERE tenant_id = d.tenant_id AND uid = d.event_uid AND data IS NOT NULL OFFSET 0) e`;

/** As {@link JOIN_EVENT}, with the rows whose event is gone: eventsOf knows none for them. */
export const JOIN_EVENT_IF_ANY = `LEFT JOIN LATERAL (
  SELECT * FROM events WHERE tenant_id = d.tenant_id AND uid = d.event_uid AND data IS NOT NULL OFFSET 0) e ON true`;

/** The event of each row: one object, and one payload, for all its deliveries. */
export function eventsOf(rows: WorkRow[]): (row: WorkRow) => EventRecord | undefined {
  const keyOf = (row: WorkRow) => `${row.tenant_id}\n${row.event_uid}`;
  const events = new Map<string, EventRecord>();
  for (const row of rows) if (row.data !== null) events.set(keyOf(row), eventFromRow(row, row.data));
  return (row) => events.get(keyOf(row));
}

function eventFromRow(row: WorkRow, data: string): EventRecord {
  return {
    id: row.event_id,
    tenantId: row.tenant_id,
    type: row.event_type,
    environment: row.environment,
    timestamp: row.timestamp,
    data,
  };
}

export function jobFromRow(row: WorkRow, event: EventRecord): Job {
  return {
    deliveryId: row.id,
    endpointId: row.endpoint_id,
    event,
    number: row.attempt_count + 1,
    trigger: row.trigger,
    scheduledCount: row.scheduled_count,
    status: row.status,
    body: row.body ?? undefined,
    nextAttemptAtMs: row.status === 'retrying' ? (row.next_attempt_at?.getTime() ?? 0) : null,
  };
}
