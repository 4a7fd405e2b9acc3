import type { WhyNot } from '../notify/why-not.ts';
import type { Connections, Queryable } from './pool.ts';
import { transaction } from './transaction.ts';

export interface NoticeRules {
  /** False: there is no mail server, and nobody is shown mails either. */
  canMail: boolean;
  /** How long a notice gathers what fails. */
  windowSeconds: number;
  /** Of a tenant. */
  mailsPerHour: number;
}

/** A notice that a workflow has to mail. */
export interface GrantedNotice {
  tenantId: string;
  id: string;
  endpointId: string;
  /** Just now, and not looked at again because its workflow may have got lost. */
  isNew: boolean;
}

export interface ClaimedNotices {
  looked: number;
  granted: GrantedNotice[];
}

const NONE: ClaimedNotices = { looked: 0, granted: [] };
const ANY_DUE = 'SELECT FROM notices WHERE look_at <= now() LIMIT 1';
/** One worker looks at a time, so that all count a tenant's mails alike. */
const ONLY_ONE = `SELECT pg_try_advisory_xact_lock(hashtext('posthorn notices')) AS ours`;
/** That it is carried out is looked at again then. */
const AGAIN = `interval '15 minutes'`;

/** When a notice `n` has gathered enough. $1: seconds. */
export const RIPE_AT = `n.opened_at + make_interval(secs => CASE n.kind WHEN 'delivery.exhausted' THEN $1::int ELSE 0 END)`;

const why = (code: WhyNot): string => `'${code}'`;

/** $2: whether there is a mail server, $3: mails per hour and tenant, $4: how many at a time. */
const TEXT = `
WITH due AS (
  SELECT tenant_id, id FROM notices WHERE look_at <= now() ORDER BY look_at LIMIT $4 FOR UPDATE SKIP LOCKED
), seen AS (
  SELECT n.tenant_id, n.id, n.granted_at, ${RIPE_AT} AS ripe_at,
         CASE WHEN NOT $2 THEN ${why('no_smtp')}
              WHEN e.id IS NULL THEN ${why('endpoint_deleted')}
              WHEN NOT e.notify_on_failure THEN ${why('turned_off')}
              WHEN cardinality(e.notify_emails) = 0 AND coalesce(cardinality(t.notify_emails), 0) = 0 THEN ${why('no_address')}
         END AS why_not
    FROM due JOIN notices n ON n.tenant_id = due.tenant_id AND n.id = due.id
    LEFT JOIN endpoints e ON e.id = n.endpoint_id AND e.deleted_at IS NULL
    LEFT JOIN tenants t ON t.id = n.tenant_id
), placed AS (
  SELECT s.tenant_id, s.id,
         row_number() OVER (PARTITION BY s.tenant_id ORDER BY s.id)
         + (SELECT count(*) FROM notices g WHERE g.tenant_id = s.tenant_id AND g.granted_at > now() - interval '1 hour') AS place
    FROM seen s WHERE s.why_not IS NULL AND s.granted_at IS NULL
), decided AS (
  SELECT s.tenant_id, s.id, s.ripe_at, p.place,
         s.granted_at IS NOT NULL OR coalesce(p.place <= $3, false) AS granted,
         s.granted_at IS NULL AND p.place <= $3 AS is_new,
         coalesce(s.why_not, ${why('limit')}) AS why_not
    FROM seen s LEFT JOIN placed p ON p.tenant_id = s.tenant_id AND p.id = s.id
)
UPDATE notices n
   SET granted_at = CASE WHEN d.is_new THEN now() ELSE n.granted_at END,
       granted_number = CASE WHEN d.is_new THEN d.place ELSE n.granted_number END,
       look_at = CASE WHEN d.granted THEN greatest(d.ripe_at, n.next_try_at, now()) + ${AGAIN}
                      WHEN d.ripe_at > now() THEN d.ripe_at END,
       closed_at = CASE WHEN NOT d.granted AND d.ripe_at <= now() THEN now() ELSE n.closed_at END,
       status = CASE WHEN NOT d.granted AND d.ripe_at <= now() THEN 'not_sent' ELSE n.status END,
       why_not = CASE WHEN NOT d.granted AND d.ripe_at <= now() THEN d.why_not END
  FROM decided d
 WHERE n.tenant_id = d.tenant_id AND n.id = d.id
RETURNING n.tenant_id AS "tenantId", n.id, n.endpoint_id AS "endpointId", coalesce(d.is_new, false) AS "isNew", d.granted`;

/**
 * Decides about notices whose time to be looked at has come: which are mailed, and of the others, when they have gathered
 * enough, that they are not. What is granted must be given to a workflow; it comes up here again until it has been told.
 */
export async function claimNotices(
  pool: Connections & Queryable,
  rules: NoticeRules,
  limit: number,
): Promise<ClaimedNotices> {
  // Asked every second by every worker, and there is seldom any: without a transaction.
  const { rowCount: isAny } = await pool.query({ name: 'any-due-notice', text: ANY_DUE });
  if (!isAny) return NONE;
  return transaction(pool, async (db) => {
    const { rows: lock } = await db.query<{ ours: boolean }>({ text: ONLY_ONE });
    if (!lock[0]!.ours) return NONE;
    const { rows } = await db.query<GrantedNotice & { granted: boolean }>({
      name: 'claim-notices',
      text: TEXT,
      values: [rules.windowSeconds, rules.canMail, rules.mailsPerHour, limit],
    });
    return {
      looked: rows.length,
      granted: rows
        .filter(({ granted }) => granted)
        .map(({ tenantId, id, endpointId, isNew }) => ({ tenantId, id, endpointId, isNew })),
    };
  });
}
