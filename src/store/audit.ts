/** The audit log: who changed what. Its rows are written with the change, or not at all. */
import { currentActor } from '../actor.ts';
import { lowestIdAt } from '../ids.ts';
import { conditions, queryPage, type Page } from './list-page.ts';
import { newIdSql } from './new-id-sql.ts';
import type { Queryable } from './pool.ts';

/** Everything that is audited; a name is never given another meaning. */
export const AUDIT_ACTIONS = [
  'endpoint.created',
  'endpoint.updated',
  'endpoint.enabled',
  'endpoint.disabled',
  'endpoint.secret_rotated',
  'endpoint.deleted',
  'delivery.retried',
  'delivery.cancelled',
  'replay.begun',
  'replay.paused',
  'replay.resumed',
  'replay.cancelled',
  'tenant.updated',
  'tenant.deleted',
  'token.issued',
  'token.revoked',
  'key.created',
  'key.changed',
  'key.revoked',
  'event_type.changed',
  'event_type.deleted',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

const AUDIT_ID = newIdSql('aud');

/** What {@link audited} takes as parameters, from `place` on. */
export function actorValues(): unknown[] {
  const { kind, id, name } = currentActor();
  return [kind, id, name];
}
export const ACTOR_VALUES = 3;

interface AuditSql {
  tenant: string;
  action: string;
  subject: string;
  before?: string;
  after?: string;
  sealed?: string;
  /** Of `source`: only those that have changed something. */
  where?: string;
}

/** A CTE: an entry for each row of `source`. All of it is SQL; the actor's parameters begin at `place`. */
export const audited = (source: string, place: number, entry: AuditSql): string => `
  audited AS (
    INSERT INTO audit_log (tenant_id, id, actor_kind, actor_id, actor_name, action, subject_id, before, after, sealed)
    SELECT ${entry.tenant}, ${AUDIT_ID}, $${place}::text, $${place + 1}::text, $${place + 2}::text, ${entry.action},
           ${entry.subject}, ${entry.before ?? 'NULL'}, ${entry.after ?? 'NULL'}, ${entry.sealed ?? `'{}'`}
      FROM ${source}${entry.where ? ` WHERE ${entry.where}` : ''})`;

export interface AuditEntry {
  tenantId: string | null;
  action: AuditAction;
  subjectId: string;
  before?: unknown;
  after?: unknown;
}

/** For what is no statement of ours, or several: in the transaction of the change where it has one. */
export async function writeAudit(db: Queryable, entries: AuditEntry[]): Promise<void> {
  await db.query({
    name: 'write-audit',
    text: `WITH entry AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::json[], $5::json[])
                            AS t (tenant_id, action, subject_id, before, after)),
           ${audited('entry x', 6, {
             ...{ tenant: 'x.tenant_id', action: 'x.action', subject: 'x.subject_id' },
             ...{ before: 'x.before', after: 'x.after' },
           })}
           SELECT FROM entry LIMIT 0`,
    values: [
      entries.map(({ tenantId }) => tenantId ?? ''),
      entries.map(({ action }) => action),
      entries.map(({ subjectId }) => subjectId),
      entries.map(({ before }) => (before === undefined ? null : JSON.stringify(before))),
      entries.map(({ after }) => (after === undefined ? null : JSON.stringify(after))),
      ...actorValues(),
    ],
  });
}

export interface AuditRow {
  tenantId: string;
  id: string;
  createdAt: Date;
  actorKind: string;
  actorId: string | null;
  actorName: string | null;
  action: AuditAction;
  subjectId: string;
  before: unknown;
  after: unknown;
  sealed: string[];
}

export interface AuditFilter {
  /** Empty: what is about no tenant. */
  tenantId: string;
  subjectId?: string;
  actions?: AuditAction[];
  actorId?: string;
  since?: Date;
  until?: Date;
}

const COLUMNS = `tenant_id AS "tenantId", id, created_at AS "createdAt", actor_kind AS "actorKind", actor_id AS "actorId",
  actor_name AS "actorName", action, subject_id AS "subjectId", before, after, sealed`;

/** Newest first, before `beforeId`. */
export function listAudit(
  db: Queryable,
  filter: AuditFilter,
  limit: number,
  beforeId: string | null,
): Promise<Page<AuditRow>> {
  const values: unknown[] = [];
  const indexed = conditions(values, [
    ['tenant_id = ?', filter.tenantId],
    ['subject_id = ?', filter.subjectId],
    ['id < ?', beforeId],
    ['id >= ?', filter.since && lowestIdAt('aud', filter.since)],
    ['id < ?', filter.until && lowestIdAt('aud', filter.until)],
  ]);
  const indexedValues = values.length;
  const rest = conditions(values, [
    ['action = ANY (?)', filter.actions],
    ['actor_id = ?', filter.actorId],
  ]);
  return queryPage(db, {
    ...{ table: 'audit_log', order: ['id'], columns: COLUMNS, indexed, rest, values, indexedValues, limit },
  });
}

/** Deletes at most `limit` rows older than `before`; returns how many. */
export async function pruneAudit(db: Queryable, before: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    text: 'DELETE FROM audit_log WHERE id = ANY (ARRAY (SELECT id FROM audit_log WHERE id < $1 ORDER BY id LIMIT $2))',
    values: [lowestIdAt('aud', before), limit],
  });
  return rowCount ?? 0;
}
