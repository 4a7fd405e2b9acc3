import type { LaneId } from './claim-lane.ts';
import type { Queryable } from './pool.ts';

/** Whose workflow has been woken, and is not at work by then, is to be woken again. */
const AGAIN_SECONDS = 15;

const statement = (among: string, limit: string): string => `
WITH due AS (
  SELECT tenant_id, endpoint_id FROM lanes l
   WHERE due_at <= now() ${among} AND (worked_by IS NULL OR NOT EXISTS (SELECT FROM processes p WHERE p.id = l.worked_by))
   ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
)
UPDATE lanes l SET due_at = now() + interval '${AGAIN_SECONDS} seconds'
  FROM due WHERE l.tenant_id = due.tenant_id AND l.endpoint_id = due.endpoint_id
RETURNING l.tenant_id AS "tenantId", l.endpoint_id AS "endpointId"`;

const THESE = statement(
  'AND (tenant_id, endpoint_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))',
  'ALL',
);
const ANY = statement('', '$1');

/** Of these, the lanes that are to be woken, and that nobody else is about to wake. */
export async function takeDueLanes(db: Queryable, lanes: LaneId[]): Promise<LaneId[]> {
  const values = [lanes.map(({ tenantId }) => tenantId), lanes.map(({ endpointId }) => endpointId)];
  return (await db.query<LaneId>({ name: 'take-due-lanes', text: THESE, values })).rows;
}

/** The same of all lanes, those first that have waited longest. */
export async function takeAnyDueLanes(db: Queryable, limit: number): Promise<LaneId[]> {
  return (await db.query<LaneId>({ name: 'take-any-due-lanes', text: ANY, values: [limit] })).rows;
}
