import { idRange } from '../ids.ts';
import type { Job } from '../dispatch/job.ts';
import type { AttemptErrorClass, AttemptTrigger, EventRecord } from '../domain.ts';
import { EXCERPT_CHARS } from '../outcome.ts';
import type { Queryable } from './pool.ts';
import { eventsOf, jobFromRow, JOIN_EVENT, WORK_COLUMNS, type WorkRow } from './work-row.ts';

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
}

/** As {@link LOADED_COLUMNS} selects it. */
export interface LoadedRow extends WorkRow {
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

/** Of deliveries d, events e, and attempts a. */
export const LOADED_COLUMNS = `${WORK_COLUMNS},
  a.number AS a_number, a.trigger AS a_trigger, a.started_at, a.duration_ms, a.status_code, a.error_class,
  a.error_message, a.retry_after_seconds, left(a.response_body, ${EXCERPT_CHARS}) AS excerpt`;

/** The attempt that `w` asks about; `lowest` and `highest`: parameters with the range of the ids. */
export const joinAttempt = (lowest: string, highest: string): string => `LEFT JOIN LATERAL (
  SELECT * FROM attempts a
   WHERE a.tenant_id = d.tenant_id AND a.delivery_id = d.id AND a.number = w.number
     AND a.delivery_id BETWEEN ${lowest} AND ${highest} OFFSET 0) a ON true`;

/** Loads deliveries with their events and, of each, the attempt with the given number. Missing ones are left out. */
export async function loadDeliveries(
  db: Queryable,
  wanted: { deliveryId: string; number: number }[],
): Promise<Map<string, LoadedDelivery>> {
  const ids = wanted.map((w) => w.deliveryId);
  const { rows } = await db.query<LoadedRow>({
    name: 'load-deliveries',
    text: `SELECT ${LOADED_COLUMNS}
             FROM unnest($1::text[], $2::int[]) AS w (id, number)
             JOIN deliveries d ON d.id = w.id AND d.id = ANY ($1) AND d.id BETWEEN $3 AND $4
             ${JOIN_EVENT}
             ${joinAttempt('$3', '$4')}`,
    values: [ids, wanted.map((w) => w.number), ...idRange(ids)],
  });
  const eventOf = eventsOf(rows);
  return new Map(rows.map((row) => [row.id, loadedFromRow(row, eventOf(row)!)]));
}

export function loadedFromRow(row: LoadedRow, event: EventRecord): LoadedDelivery {
  const recorded = row.a_number === null ? null : recordedFromRow(row, row.a_number);
  return { job: jobFromRow(row, event), workflowId: row.workflow_id, recorded };
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
