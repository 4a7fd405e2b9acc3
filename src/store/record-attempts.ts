import type { Timing } from '../domain.ts';
import { idRange } from '../ids.ts';
import type { AttemptOutcome, Standing } from '../outcome.ts';
import { TRANSITIONS } from '../lifecycle.ts';
import { arrayLiteral } from './array-literal.ts';
import { COUNT_WRITTEN } from './count-attempts.ts';
import { EXHAUSTED, NOTE_EXHAUSTED, TELL_EXHAUSTED } from './note-exhausted.ts';
import { NOTE_FAILING } from './note-failing.ts';
import type { Queryable } from './pool.ts';
import { statusList } from './status-sql.ts';

/** One attempt as its log row holds it, and what it means for its delivery. */
export interface AttemptRecord {
  tenantId: string;
  deliveryId: string;
  endpointId: string;
  outcome: AttemptOutcome;
  /** The workflow to note on the delivery, unless it already has one; null leaves that open. */
  workflowId: string | null;
  standing: Standing;
  usesSchedule: boolean;
  url: string;
  method: string;
  remark: string | null;
  timing: Timing;
  /** JSON text, secrets already masked. */
  requestHeaders: string;
  responseHeaders: string;
  responseBody: string;
  responseBodyBytes: number;
}

/** `moves('fail')`: whether the attempt's verdict takes its delivery that way (src/lifecycle.ts, settle). */
const moves = (name: 'succeed' | 'postpone' | 'fail'): string =>
  `a.verdict = '${TRANSITIONS[name].to}' AND d.status IN ${statusList(TRANSITIONS[name].from)}`;

const LOG = `
  INSERT INTO attempts (tenant_id, delivery_id, number, trigger, started_at, duration_ms, url, method, status_code,
                        error_class, error_message, retry_after_seconds, request_headers, response_headers, response_body,
                        response_body_bytes, remark, endpoint_id, dns_ms, connect_ms, tls_ms, first_byte_ms)
  SELECT tenant_id, delivery_id, number, trigger, started_at, duration_ms, url, method, status_code, error_class,
         error_message, retry_after_seconds, request_headers, response_headers, response_body, response_body_bytes, remark,
         endpoint_id, dns_ms, connect_ms, tls_ms, first_byte_ms
    FROM attempt
  ON CONFLICT DO NOTHING
  RETURNING delivery_id, number, tenant_id, endpoint_id, started_at, duration_ms, status_code, error_class`;

/** In place of LOG: nothing but the delivery's own count tells a repetition. */
const LOG_NOTHING = `
  SELECT o.delivery_id, o.number, o.tenant_id, o.endpoint_id, o.started_at, o.duration_ms, o.status_code, o.error_class
    FROM attempt o JOIN deliveries x ON x.id = o.delivery_id AND x.id BETWEEN $27 AND $28 AND x.attempt_count < o.number`;

const MOVED = `
RETURNING d.tenant_id, d.id, d.endpoint_id, d.event_id, d.event_type, d.trigger, d.status, d.completed_at, d.attempt_count,
          a.status_code, a.error_class, a.error_message`;

/** What follows from failures, and from the first success after them, for those who are to hear of it. */
const NEWS = `, ${EXHAUSTED}, ${NOTE_EXHAUSTED}, ${TELL_EXHAUSTED}, ${NOTE_FAILING}`;

interface Parts {
  /** What writes the attempts, and returns those that had not been written. */
  written: string;
  news: boolean;
  condition?: string;
}

/**
 * Attempts may be written late, and in another order than they were made in: then a success counts, and a failure
 * undoes nothing that is known already.
 */
const statement = ({ written, news, condition = '' }: Parts) => `
WITH attempt AS (
  SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::float8[], $6::text[], $7::text[],
                       $8::int[], $9::text[], $10::text[], $11::int[], $12::json[], $13::json[], $14::text[],
                       $15::bigint[], $16::text[], $17::timestamptz[], $18::text[], $19::int[], $20::text[],
                       $21::text[], $22::text[], $23::real[], $24::real[], $25::real[], $26::real[])
    AS t (delivery_id, number, trigger, started_at, duration_ms, url, method, status_code, error_class, error_message,
          retry_after_seconds, request_headers, response_headers, response_body, response_body_bytes,
          verdict, next_attempt_at, workflow_id, step, remark, tenant_id, endpoint_id, dns_ms, connect_ms, tls_ms,
          first_byte_ms)
  ${condition}
), written AS (${written}
), counted AS (${COUNT_WRITTEN}
), moved AS (
UPDATE deliveries d
   SET status = CASE WHEN ${moves('succeed')} THEN '${TRANSITIONS.succeed.to}'
                     WHEN ${moves('postpone')} THEN '${TRANSITIONS.postpone.to}'
                     WHEN ${moves('fail')} THEN '${TRANSITIONS.fail.to}'
                     ELSE d.status END,
       next_attempt_at = CASE WHEN ${moves('succeed')} OR ${moves('fail')} THEN NULL
                              WHEN ${moves('postpone')} THEN greatest(d.next_attempt_at, a.next_attempt_at)
                              ELSE d.next_attempt_at END,
       completed_at = CASE WHEN a.verdict = 'succeeded' AND d.status <> 'succeeded' THEN now()
                           WHEN ${moves('fail')} THEN now()
                           ELSE d.completed_at END,
       attempt_count = greatest(d.attempt_count, a.number),
       scheduled_count = d.scheduled_count + a.step,
       last_status_code = CASE WHEN a.number < d.attempt_count THEN d.last_status_code ELSE a.status_code END,
       last_error_class = CASE WHEN a.number < d.attempt_count THEN d.last_error_class ELSE a.error_class END,
       workflow_id = coalesce(d.workflow_id, a.workflow_id)
  FROM attempt a JOIN written w ON w.delivery_id = a.delivery_id AND w.number = a.number
 WHERE d.id = a.delivery_id AND d.id = ANY ($1) AND d.id BETWEEN $27 AND $28
${news ? MOVED : ''}
)${news ? NEWS : ''}
SELECT count(*)::int AS attempts FROM attempt`;

const RECORD = statement({ written: LOG, news: true });
const MOVE_ON = statement({ written: LOG_NOTHING, news: true });
/**
 * Successes, most of the time: without what Postgres prepares for news each time it carries the statement out, whether or not
 * there are any. Writes nothing at all where one of the endpoints is known to fail: that it answers again is news.
 */
const RECORD_SUCCESSES = statement({
  written: LOG,
  news: false,
  condition: 'WHERE NOT EXISTS (SELECT FROM failing_endpoints f WHERE f.endpoint_id = ANY ($22))',
});

/** Writes a group of attempts and moves their deliveries on, in one statement. An attempt already there stays. */
export async function recordAttempts(db: Queryable, group: AttemptRecord[]): Promise<void> {
  const values = valuesOf(group);
  if (group.every(({ outcome }) => outcome.errorClass === null)) {
    const plain = { name: 'record-successes', text: RECORD_SUCCESSES, values };
    const { rows } = await db.query<{ attempts: number }>(plain);
    if (rows[0]!.attempts > 0) return;
  }
  await db.query({ name: 'record-attempts', text: RECORD, values });
}

/** Moves a delivery on by an attempt whose row the log refuses. */
export async function moveOnUnlogged(db: Queryable, record: AttemptRecord): Promise<void> {
  await db.query({ text: MOVE_ON, values: valuesOf([record]) });
}

function valuesOf(group: AttemptRecord[]): unknown[] {
  const outcome = group.map((record) => record.outcome);
  const ids = group.map((record) => record.deliveryId);
  return [
    arrayLiteral(ids),
    arrayLiteral(outcome.map((o) => o.number)),
    arrayLiteral(outcome.map((o) => o.trigger)),
    arrayLiteral(outcome.map((o) => new Date(o.startedAtMs).toISOString())),
    arrayLiteral(outcome.map((o) => o.durationMs)),
    group.map((record) => storable(record.url)),
    arrayLiteral(group.map((record) => record.method)),
    arrayLiteral(outcome.map((o) => o.statusCode)),
    arrayLiteral(outcome.map((o) => o.errorClass)),
    outcome.map((o) => (o.errorMessage === null ? null : storable(o.errorMessage))),
    arrayLiteral(outcome.map((o) => o.retryAfterSeconds)),
    group.map((record) => record.requestHeaders),
    group.map((record) => record.responseHeaders),
    group.map((record) => storable(record.responseBody)),
    arrayLiteral(group.map((record) => record.responseBodyBytes)),
    arrayLiteral(group.map((record) => record.standing.status)),
    arrayLiteral(
      group.map(({ standing }) =>
        standing.nextAttemptAtMs === null ? null : new Date(standing.nextAttemptAtMs).toISOString(),
      ),
    ),
    arrayLiteral(group.map((record) => record.workflowId)),
    arrayLiteral(group.map((record) => (record.usesSchedule ? 1 : 0))),
    group.map((record) => record.remark),
    arrayLiteral(group.map((record) => record.tenantId)),
    arrayLiteral(group.map((record) => record.endpointId)),
    column(group, (record) => record.timing.dnsMs),
    column(group, (record) => record.timing.connectMs),
    column(group, (record) => record.timing.tlsMs),
    column(group, (record) => record.timing.firstByteMs),
    ...idRange(ids),
  ];
}

/** Most attempts have a connection that was open: null stands for a column that has nothing but nulls. */
function column(group: AttemptRecord[], valueOf: (record: AttemptRecord) => number | null) {
  const values = group.map(valueOf);
  return values.every((value) => value === null) ? null : arrayLiteral(values);
}

/** Postgres' text takes everything but U+0000. */
const storable = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '') : text);
