import type { Job } from '../dispatch/job.ts';
import type { AttemptErrorClass, AttemptTrigger } from '../domain.ts';
import type { Queryable } from './pool.ts';
import { jobFromRow, WORK_COLUMNS, type WorkRow } from './work-row.ts';

/** An attempt that is in the log already. */
export interface RecordedAttempt {
  number: number;
  trigger: AttemptTrigger;
  startedAtMs: number;
  durationMs: number;
  statusCode: number | null;
  errorClass: AttemptErrorClass | null;
  errorMessage: string | null;
  retryAfterSeconds: number | null;
  excerpt: string;
}

export interface LoadedDelivery {
  job: Job;
  workflowId: string | null;
  /** The attempt asked about, if it was made and recorded. */
  recorded: RecordedAttempt | null;
  /** The process that holds it in memory, if that process is alive. */
  claimedBy: number | null;
}

interface LoadedRow extends WorkRow {
  claimed_by: number | null;
  a_number: number | null;
  a_trigger: AttemptTrigger;
  started_at: Date;
  duration_ms: number;
  status_code: number | null;
  error_class: AttemptErrorClass | null;
  error_message: string | null;
  retry_after_seconds: number | null;
  excerpt: string;
}

/** Loads deliveries with their events and, of each, the attempt with the given number. Missing ones are left out. */
export async function loadDeliveries(
  db: Queryable,
  wanted: { deliveryId: string; number: number }[],
): Promise<Map<string, LoadedDelivery>> {
  const { rows } = await db.query<LoadedRow>({
    name: 'load-deliveries',
    text: `SELECT ${WORK_COLUMNS}, p.id AS claimed_by,
                  a.number AS a_number, a.trigger AS a_trigger, a.started_at, a.duration_ms, a.status_code,
                  a.error_class, a.error_message, a.retry_after_seconds, left(a.response_body, 200) AS excerpt
             FROM unnest($1::text[], $2::int[]) AS w (id, number)
             JOIN deliveries d ON d.id = w.id
             JOIN events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
             LEFT JOIN attempts a ON a.delivery_id = d.id AND a.number = w.number
             LEFT JOIN processes p ON p.id = d.claimed_by AND p.heartbeat_at > now() - interval '5 seconds'`,
    values: [wanted.map((w) => w.deliveryId), wanted.map((w) => w.number)],
  });
  return new Map(rows.map((row) => [row.id, loadedFromRow(row)]));
}

function loadedFromRow(row: LoadedRow): LoadedDelivery {
  const recorded = row.a_number === null ? null : recordedFromRow(row, row.a_number);
  return { job: jobFromRow(row), workflowId: row.workflow_id, recorded, claimedBy: row.claimed_by };
}

function recordedFromRow(row: LoadedRow, number: number): RecordedAttempt {
  return {
    number,
    trigger: row.a_trigger,
    startedAtMs: row.started_at.getTime(),
    durationMs: row.duration_ms,
    statusCode: row.status_code,
    errorClass: row.error_class,
    errorMessage: row.error_message,
    retryAfterSeconds: row.retry_after_seconds,
    excerpt: row.excerpt,
  };
}
