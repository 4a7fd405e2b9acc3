/** Part of record-attempts.ts: deliveries that have used up their schedule are noted for whoever is to be told. */
import { newIdSql } from './new-id-sql.ts';
import { newsFrom } from './news.ts';

/** The first few deliveries of a notice are named. */
export const NAMED_DELIVERIES = 10;

/**
 * Which of the moved deliveries have failed for good by this statement: `completed_at` is its time. Tests and probes are
 * watched by whoever makes them.
 */
export const EXHAUSTED = `
exhausted AS (
  SELECT * FROM moved
   WHERE status = 'failed' AND completed_at = now() AND trigger NOT IN ('test', 'probe')
)`;

export const NOTICE_ID = newIdSql('ntc');

/**
 * One notice for each endpoint gathers what fails until it is closed (close-notice.ts). An endpoint that is gone has said
 * so with its 410, and is told of as such. In the order of endpoints, so that two groups do not wait for each other.
 */
export const NOTE_EXHAUSTED = `
noted AS (
  INSERT INTO notices AS n (tenant_id, id, endpoint_id, kind, deliveries, delivery_ids, last_status_code, last_error_class,
                            last_error_message)
  SELECT x.tenant_id, ${NOTICE_ID}, x.endpoint_id, 'delivery.exhausted', count(*),
         (array_agg(x.id ORDER BY x.id))[1:${NAMED_DELIVERIES}], (array_agg(x.status_code ORDER BY x.id DESC))[1],
         (array_agg(x.error_class ORDER BY x.id DESC))[1],
         left((array_agg(x.error_message ORDER BY x.id DESC))[1], 300)
    FROM exhausted x
   WHERE x.status_code IS DISTINCT FROM 410
     AND (SELECT e.notify_on_failure FROM endpoints e WHERE e.id = x.endpoint_id AND e.deleted_at IS NULL)
   GROUP BY x.tenant_id, x.endpoint_id
   ORDER BY x.endpoint_id
  ON CONFLICT (endpoint_id) WHERE closed_at IS NULL AND kind = 'delivery.exhausted' DO UPDATE
     SET deliveries = n.deliveries + excluded.deliveries, last_at = now(),
         delivery_ids = (n.delivery_ids || excluded.delivery_ids)[1:${NAMED_DELIVERIES}],
         last_status_code = excluded.last_status_code, last_error_class = excluded.last_error_class,
         last_error_message = excluded.last_error_message
)`;

/** And one by one as events of the tenant "posthorn", where that is wanted. */
export const TELL_EXHAUSTED = `
told_exhausted AS (${newsFrom('exhausted', `'delivery.exhausted'`, {
  delivery_id: 'x.id',
  event_id: 'x.event_id',
  event_type: 'x.event_type',
  attempts: 'x.attempt_count',
  last_status_code: 'x.status_code',
  last_error: `json_build_object('class', x.error_class, 'message', left(x.error_message, 300))`,
})}
)`;
