/** What follows when an endpoint fails for long: its owner is told at half-time, and at the end it is disabled. */
import { writeAudit } from './audit.ts';
import { TOUCHED } from './endpoint-row.ts';
import { CHANNELS } from './listener.ts';
import { NOTICE_ID } from './note-exhausted.ts';
import { tellNews } from './news.ts';
import type { Connections, Queryable } from './pool.ts';
import { transaction } from './transaction.ts';

/** Of the endpoint in `table`. */
export const failingSince = (table: string): string =>
  `(SELECT f.since FROM failing_endpoints f WHERE f.endpoint_id = ${table}.id) AS failing_since`;

export interface FailingEndpoint {
  tenantId: string;
  endpointId: string;
}

/** Those that have failed again since their next step was due. */
export async function dueFailingEndpoints(db: Queryable, limit: number): Promise<FailingEndpoint[]> {
  const { rows } = await db.query<FailingEndpoint>({
    name: 'due-failing-endpoints',
    text: `SELECT tenant_id AS "tenantId", endpoint_id AS "endpointId" FROM failing_endpoints
            WHERE next_step_at <= last_failure_at ORDER BY next_step_at LIMIT $1`,
    values: [limit],
  });
  return rows;
}

interface Standing {
  days: number | null;
  enabled: boolean;
  since: Date;
  warned: boolean;
}

/**
 * Takes the step that is due: tells, or disables. The endpoint's row is locked before anything is decided, so of several
 * workers, and of somebody who enables it meanwhile, each sees what the others did. Null: there was nothing to do any more.
 */
export function stepFailingEndpoint(
  pool: Connections,
  { tenantId, endpointId }: FailingEndpoint,
): Promise<'told' | 'disabled' | null> {
  return transaction(pool, async (db) => {
    const step = await lock(db, endpointId);
    if (step === null) return null;
    if (!step.enabled) {
      await forgetFailing(db, endpointId);
      return null;
    }
    if (step.days === null) {
      // Set to "never" since: with a step that is due, it would stand before all others for good.
      await db.query({
        text: 'UPDATE failing_endpoints SET next_step_at = NULL WHERE endpoint_id = $1',
        values: [endpointId],
      });
      return null;
    }
    const about = { tenantId, endpointId, failing_since: step.since };
    if (!step.warned) {
      await note(db, endpointId, 'endpoint.failing', null);
      await tellNews(db, 'endpoint.failing', about);
      await db.query({
        text: `UPDATE failing_endpoints
                  SET warned_at = now(), next_step_at = greatest(since + $2::float8 * interval '1 day', now() + $2::float8 / 2 * interval '1 day')
                WHERE endpoint_id = $1`,
        values: [endpointId, step.days],
      });
      return 'told';
    }
    await note(db, endpointId, 'endpoint.disabled', 'failing');
    await tellNews(db, 'endpoint.disabled', { ...about, reason: 'failing' });
    await forgetFailing(db, endpointId);
    await db.query({
      text: `UPDATE endpoints SET enabled = false, disabled_reason = 'failing', release = NULL, ${TOUCHED}, probe_look_at = now()
              WHERE id = $1 RETURNING pg_notify($2, tenant_id || ' ' || id)`,
      values: [endpointId, CHANNELS.endpoints],
    });
    const after = { enabled: false, disabled_reason: 'failing' };
    await writeAudit(db, [{ tenantId, action: 'endpoint.disabled', subjectId: endpointId, after }]);
    return 'disabled';
  });
}

/** Null: its step is not due (any more), or it is deleted. */
async function lock(db: Queryable, endpointId: string): Promise<Standing | null> {
  const { rows: endpoints } = await db.query<{ days: number | null; enabled: boolean }>({
    text: `SELECT disable_after_days AS days, enabled FROM endpoints WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
    values: [endpointId],
  });
  const { rows } = await db.query<{ since: Date; warned: boolean }>({
    text: `SELECT since, warned_at IS NOT NULL AS warned FROM failing_endpoints
            WHERE endpoint_id = $1 AND next_step_at <= last_failure_at FOR UPDATE`,
    values: [endpointId],
  });
  if (!endpoints[0]) await forgetFailing(db, endpointId);
  return endpoints[0] && rows[0] ? { ...endpoints[0], ...rows[0] } : null;
}

/** Somebody has enabled it, or it is disabled: the count begins anew. */
export async function forgetFailing(db: Queryable, endpointId: string): Promise<void> {
  await db.query({
    name: 'forget-failing',
    text: 'DELETE FROM failing_endpoints WHERE endpoint_id = $1',
    values: [endpointId],
  });
}

async function note(db: Queryable, endpointId: string, kind: string, reason: string | null): Promise<void> {
  await db.query({
    text: `INSERT INTO notices (tenant_id, id, endpoint_id, kind, reason, failing_since, last_status_code, last_error_class,
                                last_error_message)
           SELECT tenant_id, ${NOTICE_ID}, endpoint_id, $2, $3, since, last_status_code, last_error_class, last_error_message
             FROM failing_endpoints WHERE endpoint_id = $1`,
    values: [endpointId, kind, reason],
  });
}
