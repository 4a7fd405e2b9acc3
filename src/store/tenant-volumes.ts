/** Which tenants attempt most, from what was counted of them (fold-stats.ts): up to a minute old. */
import type { Interval } from '../stats/range.ts';
import type { Queryable } from './pool.ts';

export interface TenantVolume {
  tenantId: string;
  name: string | null;
  attempts: number;
  failed: number;
}
export interface TenantVolumes {
  since: Date;
  rows: TenantVolume[];
  /** False: more tenants attempted something than were looked at. */
  isComplete: boolean;
}

/** A tenant has one row an hour and one a day. Of this and the one before, so many are looked at. */
const LOOKED_AT = 50_000;

/** In this hour or day (UTC) and the one before, most attempts first. */
export async function readTenantVolumes(db: Queryable, per: Interval, limit: number): Promise<TenantVolumes> {
  const { rows } = await db.query<TenantVolume & { since: Date; seen: number }>({
    text: `
      WITH span AS (
        SELECT date_trunc($1::text, now(), 'UTC') - ('1 ' || $1)::interval AS since
      ), counted AS MATERIALIZED (
        SELECT tenant_id, attempts, failed FROM stats
         WHERE endpoint_id = '*' AND per = $1 AND starts_at >= (SELECT since FROM span)
         ORDER BY starts_at DESC LIMIT ${LOOKED_AT}
      ), most AS (
        SELECT tenant_id, sum(attempts)::float8 AS attempts, sum(failed)::float8 AS failed FROM counted
         GROUP BY tenant_id ORDER BY 2 DESC, tenant_id LIMIT $2
      )
      SELECT span.since, (SELECT count(*)::int FROM counted) AS seen, m.tenant_id AS "tenantId", m.attempts, m.failed,
             (SELECT name FROM tenants t WHERE t.id = m.tenant_id) AS name
        FROM span LEFT JOIN most m ON true ORDER BY m.attempts DESC, m.tenant_id`,
    values: [per, limit],
  });
  const { since, seen } = rows[0]!;
  return {
    since,
    isComplete: seen < LOOKED_AT,
    rows: rows
      .filter(({ tenantId }) => tenantId !== null)
      .map(({ tenantId, name, attempts, failed }) => ({ tenantId, name, attempts, failed })),
  };
}
