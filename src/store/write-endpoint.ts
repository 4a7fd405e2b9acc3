/** Statements that change the row of an endpoint: every process hears of it, and the audit log has it. */
import { actorValues } from './audit.ts';
import { auditOf, CHANGED_ACTION } from './audit-endpoint.ts';
import { TOUCHED, type EndpointColumns, type EndpointRow } from './endpoint-row.ts';
import { failingSince } from './failing-endpoints.ts';
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';
import { tellOf, UPDATED } from './tell-of-endpoints.ts';

/** Of a tenant: $1, and not deleted. */
export const LIVE = 'tenant_id = $1 AND deleted_at IS NULL';

export interface EndpointStatement {
  tenantId: string;
  /** $2 is the tenant and $3 the endpoint; `values` are those from $3 on. */
  text: string;
  values: unknown[];
  /** CTEs: who is told (tell-of-endpoints.ts). */
  telling: string;
  /** SQL: what the audit log calls it. */
  action?: string;
  /** What the audit log says beside the columns that differ. */
  facts?: Record<string, unknown> | null;
}

export async function changeEndpoint(
  db: Queryable,
  { tenantId, text, values, telling, action = CHANGED_ACTION, facts = null }: EndpointStatement,
): Promise<EndpointRow | null> {
  const all = [CHANNELS.endpoints, tenantId, ...values, facts && JSON.stringify(facts)];
  const { rows } = await db.query<EndpointRow>({
    text: `WITH changed AS (${text} RETURNING *), told AS (SELECT pg_notify($1, $2::text || ' ' || $3::text)), ${telling},
                ${auditOf(action, all.length)}
           SELECT changed.*, ${failingSince('changed')} FROM changed, told`,
    values: [...all, ...actorValues()],
  });
  return rows[0] ?? null;
}

/** Waits for whoever changes it, and keeps others from it until the end of the transaction. */
export async function lockEndpoint(db: Queryable, tenantId: string, id: string): Promise<EndpointRow | null> {
  const { rows } = await db.query<EndpointRow>({
    text: `SELECT *, ${failingSince('endpoints')} FROM endpoints WHERE ${LIVE} AND id = $2 FOR NO KEY UPDATE`,
    values: [tenantId, id],
  });
  return rows[0] ?? null;
}

/**
 * Writes what is other than in the row, which is locked: what changes nothing is no change, told to nobody and in no log,
 * unless `facts` say that something else was done with it.
 */
export async function writeEndpoint(
  db: Queryable,
  found: EndpointRow,
  columns: EndpointColumns,
  facts: Record<string, unknown> | null = null,
): Promise<EndpointRow> {
  const changes = Object.entries(columns).filter(
    ([name, value]) => !isSame(found[name as keyof EndpointRow], value),
  );
  if (changes.length === 0 && facts === null) return found;
  const names = changes.map(([name]) => name);
  const assignments = [...names.map((name, index) => `${name} = $${index + 4}`), TOUCHED];
  const row = await changeEndpoint(db, {
    tenantId: found.tenant_id,
    text: `UPDATE endpoints SET ${assignments.join(', ')} WHERE tenant_id = $2 AND id = $3 AND deleted_at IS NULL`,
    values: [found.id, ...changes.map(([, value]) => value)],
    telling: tellOf(UPDATED, names),
    facts,
  });
  return row!;
}

/** JSON comes parsed from the database, and goes there as text. */
function isSame(stored: unknown, wanted: unknown): boolean {
  const isParsed = typeof stored === 'object' && stored !== null && typeof wanted === 'string';
  return JSON.stringify(stored) === (isParsed ? wanted : JSON.stringify(wanted));
}
