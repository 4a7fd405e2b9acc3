import type { AttemptTrigger, DeliveryStatus, Environment } from '../domain.ts';
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
  event_id: string;
  event_type: string;
  environment: Environment;
  timestamp: Date;
  data: string;
}

/** Of `deliveries d JOIN events e`. */
export const WORK_COLUMNS = `d.id, d.tenant_id, d.endpoint_id, d.trigger, d.status, d.attempt_count, d.scheduled_count,
  d.next_attempt_at, d.workflow_id, d.event_id, d.event_type, d.environment, e."timestamp", e.data`;

export function jobFromRow(row: WorkRow): Job {
  return {
    deliveryId: row.id,
    endpointId: row.endpoint_id,
    event: {
      id: row.event_id,
      tenantId: row.tenant_id,
      type: row.event_type,
      environment: row.environment,
      timestamp: row.timestamp,
      data: row.data,
    },
    number: row.attempt_count + 1,
    trigger: row.trigger,
    scheduledCount: row.scheduled_count,
    status: row.status,
    nextAttemptAtMs: row.status === 'retrying' ? (row.next_attempt_at?.getTime() ?? 0) : null,
  };
}
