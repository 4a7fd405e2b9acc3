/** Endpoints that have asked, with 429 or 503 and Retry-After, to be left alone for a while. */
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';

export interface SlowDown {
  tenantId: string;
  endpointId: string;
  /** Where it was asked for: another url has asked for nothing. */
  url: string;
  forMs: number;
}

/** Notes until when, by Postgres' clock, and tells every process; never less than is noted already. */
export async function slowEndpoints(db: Queryable, slowDowns: SlowDown[]): Promise<void> {
  await db.query({
    name: 'slow-endpoints',
    text: `WITH asked AS (
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[]) AS t (tenant_id, id, url, ms)
           ), locked AS (
             SELECT e.tenant_id, e.id, a.ms FROM asked a JOIN endpoints e ON e.tenant_id = a.tenant_id AND e.id = a.id
              WHERE e.url = a.url AND e.deleted_at IS NULL ORDER BY e.id FOR NO KEY UPDATE OF e
           ), slowed AS (
             UPDATE endpoints e SET slowed_until = greatest(e.slowed_until, now() + make_interval(secs => l.ms / 1000))
               FROM locked l WHERE e.tenant_id = l.tenant_id AND e.id = l.id
             RETURNING e.tenant_id, e.id, round(extract(epoch FROM e.slowed_until - now()) * 1000) AS ms
           )
           SELECT pg_notify($5, tenant_id || ' ' || id || ' ' || ms) FROM slowed`,
    values: [
      slowDowns.map(({ tenantId }) => tenantId),
      slowDowns.map(({ endpointId }) => endpointId),
      slowDowns.map(({ url }) => url),
      slowDowns.map(({ forMs }) => forMs),
      CHANNELS.slowed,
    ],
  });
}

/** It has answered 2xx meanwhile. */
export async function endSlowDown(db: Queryable, tenantId: string, endpointId: string): Promise<void> {
  await db.query({
    text: `WITH ended AS (
             UPDATE endpoints SET slowed_until = NULL
              WHERE tenant_id = $1 AND id = $2 AND slowed_until IS NOT NULL AND deleted_at IS NULL RETURNING id
           )
           SELECT pg_notify($3, $1 || ' ' || id) FROM ended`,
    values: [tenantId, endpointId, CHANNELS.endpoints],
  });
}
