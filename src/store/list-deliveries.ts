import type { AttemptErrorClass, AttemptTrigger, DeliveryStatus, Environment } from '../domain.ts';
import { lowestDeliveryIdAt } from '../ids.ts';
import type { Queryable } from './pool.ts';

export interface ListedDelivery {
  id: string;
  eventId: string;
  eventType: string;
  endpointId: string;
  environment: Environment;
  trigger: AttemptTrigger;
  status: DeliveryStatus;
  attemptCount: number;
  scheduledCount: number;
  nextAttemptAt: Date | null;
  lastStatusCode: number | null;
  lastErrorClass: AttemptErrorClass | null;
  workflowId: string | null;
  createdAt: Date;
  completedAt: Date | null;
}

export interface DeliveryFilter {
  status?: DeliveryStatus;
  endpointId?: string;
  eventId?: string;
  eventType?: string;
  environment?: Environment;
  since?: Date;
  until?: Date;
}

const COLUMNS = `id, event_id AS "eventId", event_type AS "eventType", endpoint_id AS "endpointId", environment, trigger,
  status, attempt_count AS "attemptCount", scheduled_count AS "scheduledCount", next_attempt_at AS "nextAttemptAt",
  last_status_code AS "lastStatusCode", last_error_class AS "lastErrorClass", workflow_id AS "workflowId",
  created_at AS "createdAt", completed_at AS "completedAt"`;

/** Newest first. `beforeId` is where the last page ended. */
export async function listDeliveries(
  db: Queryable,
  tenantId: string,
  filter: DeliveryFilter,
  limit: number,
  beforeId: string | null,
): Promise<ListedDelivery[]> {
  const where = ['tenant_id = $1'];
  const values: unknown[] = [tenantId];
  const add = (condition: string, value: unknown) => {
    values.push(value);
    where.push(condition.replace('?', `$${values.length}`));
  };
  if (filter.status) add('status = ?', filter.status);
  if (filter.endpointId) add('endpoint_id = ?', filter.endpointId);
  if (filter.eventId) add('event_id = ?', filter.eventId);
  if (filter.eventType) add('event_type = ?', filter.eventType);
  if (filter.environment) add('environment = ?', filter.environment);
  // Ids begin with the time of creation, so the time filters use the same index as the paging does.
  if (filter.since) add('id >= ?', lowestDeliveryIdAt(filter.since));
  if (filter.until) add('id < ?', lowestDeliveryIdAt(filter.until));
  if (beforeId) add('id < ?', beforeId);
  values.push(limit);
  const { rows } = await db.query<ListedDelivery>({
    text: `SELECT ${COLUMNS} FROM deliveries WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT $${values.length}`,
    values,
  });
  return rows;
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

export interface LoggedAttempt {
  number: number;
  trigger: AttemptTrigger;
  startedAt: Date;
  durationMs: number;
  url: string;
  method: string;
  statusCode: number | null;
  errorClass: AttemptErrorClass | null;
  errorMessage: string | null;
  retryAfterSeconds: number | null;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string>;
  responseBody: string;
  responseBodyBytes: number;
}

/** In the order in which they were made. */
export async function listAttempts(db: Queryable, deliveryId: string): Promise<LoggedAttempt[]> {
  const { rows } = await db.query<LoggedAttempt>({
    name: 'list-attempts',
    text: `SELECT number, trigger, started_at AS "startedAt", duration_ms AS "durationMs", url, method,
                  status_code AS "statusCode", error_class AS "errorClass", error_message AS "errorMessage",
                  retry_after_seconds AS "retryAfterSeconds", request_headers AS "requestHeaders",
                  response_headers AS "responseHeaders", response_body AS "responseBody",
                  response_body_bytes AS "responseBodyBytes"
             FROM attempts WHERE delivery_id = $1 ORDER BY number`,
    values: [deliveryId],
  });
  return rows;
}
