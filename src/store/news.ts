/**
 * What becomes an event of the tenant "posthorn" (operational webhooks). Written in the statement or transaction that it
 * follows from, and only where that tenant has an endpoint that wants it; published by src/notify/publish-news.ts.
 */
import { OPERATIONS_TENANT } from '../events/operational.ts';
import type { Queryable } from './pool.ts';

/** Whether anybody wants it, paused or not: asked in the index of a tenant that has few endpoints or none. `type`: SQL. */
const isWanted = (type: string): string => `
  EXISTS (SELECT FROM endpoints w
           WHERE w.tenant_id = '${OPERATIONS_TENANT}' AND w.deleted_at IS NULL AND 'production' = ANY (w.environments)
             AND w.events && ARRAY['*', split_part(${type}, '.', 1) || '.*', ${type}])`;

/** Of a URL, what may be shown. */
export const hostOf = (url: string): string => `substring(${url} FROM '^[a-z]+://(?:[^/?#]*@)?([^/?#]+)')`;

/** Of the endpoint of a row `x`. */
const HOST_OF_ENDPOINT = `(SELECT ${hostOf('h.url')} FROM endpoints h WHERE h.id = x.endpoint_id)`;

/**
 * A statement, for a CTE: one piece of news for each row of `source`, which has `tenant_id` and `endpoint_id`. `type` is SQL, `data`
 * names and SQL about the row `x`. Never about the tenant of operations itself: its failures would feed themselves.
 */
export const newsFrom = (
  source: string,
  type: string,
  data: Record<string, string> = {},
  host = HOST_OF_ENDPOINT,
): string => `
  INSERT INTO news (type, data)
  SELECT t.type, json_build_object(${pairs({ tenant_id: 'x.tenant_id', endpoint_id: 'x.endpoint_id', url_host: host, ...data })})
    FROM ${source} x CROSS JOIN LATERAL (SELECT ${type} AS type) t
   WHERE x.tenant_id <> '${OPERATIONS_TENANT}' AND ${isWanted('t.type')}`;

const pairs = (data: Record<string, string>): string =>
  Object.entries(data)
    .map(([name, sql]) => `'${name}', ${sql}`)
    .join(', ');

/** The same within a transaction, for what is no statement of its own. `data`: without secrets and payloads. */
export async function tellNews(
  db: Queryable,
  type: string,
  { tenantId, endpointId, ...data }: { tenantId: string; endpointId: string; [name: string]: unknown },
): Promise<void> {
  await db.query({
    name: 'tell-news',
    text: `INSERT INTO news (type, data)
           SELECT $1::text, (jsonb_build_object('tenant_id', x.tenant_id, 'endpoint_id', x.endpoint_id, 'url_host', ${HOST_OF_ENDPOINT})
                             || $4::jsonb)::json
             FROM (SELECT $2::text AS tenant_id, $3::text AS endpoint_id) x
            WHERE x.tenant_id <> '${OPERATIONS_TENANT}' AND ${isWanted('$1::text')}`,
    values: [type, tenantId, endpointId, JSON.stringify(data)],
  });
}

export interface PieceOfNews {
  position: number;
  id: string;
  type: string;
  data: unknown;
  createdAt: Date;
}

/** The oldest that nobody is publishing. They come up again when the caller has not published them within `seconds`. */
export async function takeNews(db: Queryable, limit: number, seconds: number): Promise<PieceOfNews[]> {
  const { rows } = await db.query<PieceOfNews>({
    name: 'take-news',
    text: `UPDATE news SET taken_until = now() + make_interval(secs => $2)
            WHERE position = ANY (ARRAY(SELECT position FROM news WHERE taken_until <= now()
                                         ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED))
           RETURNING position, id, type, data, created_at AS "createdAt"`,
    values: [limit, seconds],
  });
  return rows.sort((a, b) => a.position - b.position);
}

export async function dropNews(db: Queryable, positions: number[]): Promise<void> {
  await db.query({
    name: 'drop-news',
    text: 'DELETE FROM news WHERE position = ANY ($1)',
    values: [positions],
  });
}
