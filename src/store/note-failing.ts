/**
 * Part of record-attempts.ts: since when an endpoint's attempts have all failed. An endpoint that answers costs a look into an
 * index that holds failing ones only. No lock is waited for here but those of other groups that begin or end the same: first
 * for those that answer again, then for those that begin to fail, by endpoint, so that no two groups wait for each other.
 */
import { NOTICE_ID } from './note-exhausted.ts';
import { newsFrom } from './news.ts';

/**
 * When an endpoint is told of next (at half-time), or disabled: after as long again, so that nobody is disabled untold, however
 * seldom there is something to attempt. Of a row `f` and its endpoint's days; null: never.
 */
const nextStep = (days: string): string => `
  CASE WHEN f.warned_at IS NULL THEN f.since + ${days} / 2 * interval '1 day'
       ELSE greatest(f.since + ${days} * interval '1 day', f.warned_at + ${days} / 2 * interval '1 day') END`;

const DAYS = '(SELECT e.disable_after_days FROM endpoints e WHERE e.id = f.endpoint_id)';

/** Postgres carries parts of a statement out in an order of its own, unless one reads what another has done. */
const AFTERWARDS = '(SELECT count(*) FROM answers_again) >= 0';

export const NOTE_FAILING = `
failed AS (
  SELECT DISTINCT ON (m.endpoint_id) m.tenant_id, m.endpoint_id, m.status_code, m.error_class,
         left(m.error_message, 300) AS error_message
    FROM moved m
   WHERE m.error_class IS NOT NULL AND m.trigger <> 'probe'
     AND m.endpoint_id <> ALL (ARRAY(SELECT s.endpoint_id FROM moved s WHERE s.error_class IS NULL))
   ORDER BY m.endpoint_id, m.id DESC
), answers_again AS (
  DELETE FROM failing_endpoints f
   WHERE f.endpoint_id = ANY (ARRAY(
           SELECT k.endpoint_id FROM failing_endpoints k
            WHERE k.endpoint_id = ANY (ARRAY(SELECT s.endpoint_id FROM moved s WHERE s.error_class IS NULL))
            ORDER BY k.endpoint_id FOR UPDATE))
  RETURNING f.tenant_id, f.endpoint_id, f.since, f.warned_at
), fails_on AS (
  UPDATE failing_endpoints f SET last_failure_at = now(), next_step_at = ${nextStep(DAYS)}
   WHERE f.endpoint_id = ANY (ARRAY(
           SELECT k.endpoint_id FROM failing_endpoints k
            WHERE k.endpoint_id = ANY (ARRAY(SELECT endpoint_id FROM failed)) AND k.last_failure_at < now() - interval '1 minute'
              AND ${AFTERWARDS}
              FOR UPDATE SKIP LOCKED))
), begins_to_fail AS (
  INSERT INTO failing_endpoints (tenant_id, endpoint_id, next_step_at, last_status_code, last_error_class, last_error_message)
  SELECT x.tenant_id, x.endpoint_id, now() + e.days / 2 * interval '1 day', x.status_code, x.error_class, x.error_message
    FROM failed x
   CROSS JOIN LATERAL (SELECT p.disable_after_days AS days FROM endpoints p
                        WHERE p.id = x.endpoint_id AND p.enabled AND p.deleted_at IS NULL OFFSET 0) e
   WHERE NOT EXISTS (SELECT FROM failing_endpoints k WHERE k.endpoint_id = x.endpoint_id)
     AND ${AFTERWARDS}
   ORDER BY x.endpoint_id
  ON CONFLICT DO NOTHING
), recovered AS (
  SELECT * FROM answers_again WHERE warned_at IS NOT NULL
), noted_recovered AS (
  INSERT INTO notices (tenant_id, id, endpoint_id, kind, failing_since)
  SELECT tenant_id, ${NOTICE_ID}, endpoint_id, 'endpoint.recovered', since FROM recovered
), told_recovered AS (${newsFrom('recovered', `'endpoint.recovered'`, { failing_since: 'x.since', by: `'answer'` })}
)`;
