import type { AttemptOutcome, Standing } from '../outcome.ts';
import type { Queryable } from './pool.ts';

/** One attempt as its log row holds it, and what it means for its delivery. */
export interface AttemptRecord {
  deliveryId: string;
  outcome: AttemptOutcome;
  /** The workflow to note on the delivery, unless it already has one; null leaves that open. */
  workflowId: string | null;
  standing: Standing;
  usesSchedule: boolean;
  url: string;
  method: string;
  /** JSON text, secrets already masked. */
  requestHeaders: string;
  responseHeaders: string;
  responseBody: string;
  responseBodyBytes: number;
}

/** A manual attempt that fails changes no status; a late failure does not undo a cancellation or a success. */
const TEXT = `
WITH attempt AS (
  SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::float8[], $6::text[], $7::text[],
                       $8::int[], $9::text[], $10::text[], $11::int[], $12::json[], $13::json[], $14::text[],
                       $15::bigint[], $16::text[], $17::timestamptz[], $18::text[], $19::int[])
    AS t (delivery_id, number, trigger, started_at, duration_ms, url, method, status_code, error_class, error_message,
          retry_after_seconds, request_headers, response_headers, response_body, response_body_bytes,
          new_status, next_attempt_at, workflow_id, step)
), written AS (
  INSERT INTO attempts (delivery_id, number, trigger, started_at, duration_ms, url, method, status_code, error_class,
                        error_message, retry_after_seconds, request_headers, response_headers, response_body,
                        response_body_bytes)
  SELECT delivery_id, number, trigger, started_at, duration_ms, url, method, status_code, error_class, error_message,
         retry_after_seconds, request_headers, response_headers, response_body, response_body_bytes
    FROM attempt
  ON CONFLICT DO NOTHING
  RETURNING delivery_id, number
)
UPDATE deliveries d
   SET status = CASE WHEN a.new_status = 'unchanged' THEN d.status
                     WHEN a.new_status = 'succeeded' THEN 'succeeded'
                     WHEN d.status IN ('cancelled', 'succeeded') THEN d.status
                     ELSE a.new_status END,
       next_attempt_at = CASE WHEN a.new_status = 'unchanged' THEN d.next_attempt_at
                              WHEN d.status IN ('cancelled', 'succeeded') THEN NULL
                              ELSE a.next_attempt_at END,
       completed_at = CASE WHEN a.new_status = 'succeeded' AND d.status <> 'succeeded' THEN now()
                           WHEN a.new_status IN ('succeeded', 'failed') THEN coalesce(d.completed_at, now())
                           ELSE d.completed_at END,
       attempt_count = greatest(d.attempt_count, a.number),
       scheduled_count = d.scheduled_count + a.step,
       last_status_code = a.status_code,
       last_error_class = a.error_class,
       workflow_id = coalesce(d.workflow_id, a.workflow_id)
  FROM attempt a JOIN written w ON w.delivery_id = a.delivery_id AND w.number = a.number
 WHERE d.id = a.delivery_id`;

/** Writes a group of attempts and moves their deliveries on, in one statement. An attempt already there stays. */
export async function recordAttempts(db: Queryable, group: AttemptRecord[]): Promise<void> {
  const outcome = group.map((record) => record.outcome);
  await db.query({
    name: 'record-attempts',
    text: TEXT,
    values: [
      group.map((record) => record.deliveryId),
      outcome.map((o) => o.number),
      outcome.map((o) => o.trigger),
      outcome.map((o) => new Date(o.startedAtMs).toISOString()),
      outcome.map((o) => o.durationMs),
      group.map((record) => record.url),
      group.map((record) => record.method),
      outcome.map((o) => o.statusCode),
      outcome.map((o) => o.errorClass),
      outcome.map((o) => o.errorMessage),
      outcome.map((o) => o.retryAfterSeconds),
      group.map((record) => record.requestHeaders),
      group.map((record) => record.responseHeaders),
      group.map((record) => record.responseBody),
      group.map((record) => record.responseBodyBytes),
      group.map((record) => record.standing.status),
      group.map(({ standing }) =>
        standing.nextAttemptAtMs === null ? null : new Date(standing.nextAttemptAtMs).toISOString(),
      ),
      group.map((record) => record.workflowId),
      group.map((record) => (record.usesSchedule ? 1 : 0)),
    ],
  });
}
