/** Notices on their way to people. How they come about: note-exhausted.ts, failing.ts; who is told: claim-notices.ts. */
import type { WhyNot } from '../notify/why-not.ts';
import { lowestIdAt } from '../ids.ts';
import { RIPE_AT } from './claim-notices.ts';
import { hostOf } from './news.ts';
import type { Queryable } from './pool.ts';

export const NOTICE_KINDS = [
  'delivery.exhausted',
  'endpoint.failing',
  'endpoint.disabled',
  'endpoint.recovered',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
export const NOTICE_STATUSES = ['waiting', 'sending', 'sent', 'not_sent'] as const;
export type NoticeStatus = (typeof NOTICE_STATUSES)[number];

export interface Notice {
  tenantId: string;
  id: string;
  endpointId: string;
  kind: NoticeKind;
  reason: string | null;
  deliveries: number;
  deliveryIds: string[];
  lastStatusCode: number | null;
  lastErrorClass: string | null;
  lastErrorMessage: string | null;
  failingSince: Date | null;
  openedAt: Date;
  lastAt: Date;
  closedAt: Date | null;
  status: NoticeStatus;
  whyNot: WhyNot | null;
  grantedNumber: number | null;
  accepted: string[];
  refused: string[];
  tries: number;
  lastProblem: string | null;
  /** Of one that waits for another try. */
  nextTryAt: Date | null;
  sentAt: Date | null;
}

export const NOTICE_COLUMNS = `
  n.tenant_id AS "tenantId", n.id, n.endpoint_id AS "endpointId", n.kind, n.reason, n.deliveries,
  n.delivery_ids AS "deliveryIds", n.last_status_code AS "lastStatusCode", n.last_error_class AS "lastErrorClass",
  n.last_error_message AS "lastErrorMessage", n.failing_since AS "failingSince", n.opened_at AS "openedAt",
  n.last_at AS "lastAt", n.closed_at AS "closedAt", n.status, n.why_not AS "whyNot", n.granted_number AS "grantedNumber",
  n.accepted, n.refused, n.tries, n.last_problem AS "lastProblem",
  CASE WHEN n.status = 'waiting' THEN n.next_try_at END AS "nextTryAt", n.sent_at AS "sentAt"`;

export interface NextNotice {
  id: string;
  waitMs: number;
  /** It has been tried before: not every address has it. */
  isTriedAgain: boolean;
}

/**
 * The next one of an endpoint that is to be mailed, and how long it still gathers, or waits for another try. Of those that
 * are due, what nobody has got comes before what some are waiting for.
 */
export async function nextNotice(
  db: Queryable,
  endpointId: string,
  windowSeconds: number,
): Promise<NextNotice | null> {
  const { rows } = await db.query<NextNotice>({
    name: 'next-notice',
    text: `SELECT n.id, n.next_try_at IS NOT NULL AS "isTriedAgain",
                  greatest(0, ceil(extract(epoch FROM greatest(${RIPE_AT}, n.next_try_at) - now()) * 1000))::float8 AS "waitMs"
             FROM notices n
            WHERE n.endpoint_id = $2 AND n.look_at IS NOT NULL AND n.granted_at IS NOT NULL
            ORDER BY 3, n.next_try_at NULLS FIRST, n.closed_at NULLS LAST, n.id LIMIT 1`,
    values: [windowSeconds, endpointId],
  });
  return rows[0] ?? null;
}

/** Who is to be told, as of now. */
export interface Addressees {
  /** Null: the endpoint was deleted. */
  host: string | null;
  name: string | null;
  notifyOnFailure: boolean;
  emails: string[];
  /** Notices of the tenant that were not mailed in the last hour because of its limit. */
  unmailed: number;
}

export type ClosedNotice = Notice & Addressees;

/** From now on it gathers nothing more, and is about to be mailed. Null: that is over, or it is gone. */
export async function closeNotice(db: Queryable, tenantId: string, id: string): Promise<ClosedNotice | null> {
  const { rows } = await db.query<ClosedNotice>({
    name: 'close-notice',
    text: `
      WITH n AS (
        UPDATE notices SET closed_at = coalesce(closed_at, now()), status = 'sending', tries = tries + 1
         WHERE tenant_id = $1 AND id = $2 AND look_at IS NOT NULL
        RETURNING *
      )
      SELECT ${NOTICE_COLUMNS}, ${hostOf('e.url')} AS host, e.name,
             coalesce(e.notify_on_failure, true) AS "notifyOnFailure",
             CASE WHEN cardinality(e.notify_emails) > 0 THEN e.notify_emails ELSE coalesce(t.notify_emails, '{}') END AS emails,
             (SELECT count(*)::int FROM notices o
               WHERE o.tenant_id = $1 AND o.id >= $3 AND o.why_not = 'limit'
                 AND o.closed_at > now() - interval '1 hour') AS unmailed
        FROM n LEFT JOIN endpoints e ON e.id = n.endpoint_id AND e.deleted_at IS NULL
        LEFT JOIN tenants t ON t.id = n.tenant_id`,
    values: [tenantId, id, lowestIdSince(2 * 3_600_000)],
  });
  return rows[0] ?? null;
}

const lowestIdSince = (ms: number): string => lowestIdAt('ntc', new Date(Date.now() - ms));

export interface NoticeProgress {
  /** `waiting`: to be tried again. */
  status: Exclude<NoticeStatus, 'sending'>;
  whyNot: WhyNot | null;
  accepted: string[];
  refused: string[];
  problem: string | null;
  /** Of `waiting`: null is at once. */
  againInSeconds: number | null;
}

/** What a try to mail it came to. */
export async function noteNotice(
  db: Queryable,
  tenantId: string,
  id: string,
  { status, whyNot, accepted, refused, problem, againInSeconds }: NoticeProgress,
): Promise<void> {
  await db.query({
    name: 'note-notice',
    text: `UPDATE notices
              SET status = $3, why_not = $4, accepted = $5, refused = $6, last_problem = coalesce($7, last_problem),
                  sent_at = CASE WHEN $3 = 'sent' THEN now() ELSE sent_at END,
                  next_try_at = now() + make_interval(secs => $8),
                  look_at = CASE WHEN $3 = 'waiting' THEN look_at END
            WHERE tenant_id = $1 AND id = $2 AND look_at IS NOT NULL`,
    values: [tenantId, id, status, whyNot, accepted, refused, problem, againInSeconds],
  });
}

/** Looked at again soon: their workflows could not be started. */
export async function lookAgainAtNotices(
  db: Queryable,
  notices: { tenantId: string; id: string }[],
  seconds: number,
): Promise<void> {
  await db.query({
    text: `UPDATE notices n SET look_at = now() + make_interval(secs => $3)
             FROM unnest($1::text[], $2::text[]) AS a (tenant_id, id)
            WHERE n.tenant_id = a.tenant_id AND n.id = a.id AND n.look_at IS NOT NULL`,
    values: [notices.map(({ tenantId }) => tenantId), notices.map(({ id }) => id), seconds],
  });
}

/** Forgets notices from before `time`, told or not. Returns how many. */
export async function pruneNotices(db: Queryable, time: Date, onPiece: () => void): Promise<number> {
  for (let pruned = 0; ;) {
    const { rowCount } = await db.query({
      text: `DELETE FROM notices WHERE (tenant_id, id) IN (
               SELECT tenant_id, id FROM notices WHERE opened_at < $1 ORDER BY opened_at LIMIT 5000)`,
      values: [time],
    });
    if (!rowCount) return pruned;
    pruned += rowCount;
    onPiece();
  }
}
