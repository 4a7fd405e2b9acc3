import type { Queryable } from './pool.ts';

/** Replays and releases that nothing has happened to for a while. */
export interface UnattendedWork {
  replays: { tenantId: string; id: string; endpointId: string }[];
  releases: { tenantId: string; endpointId: string }[];
}

const LIMIT = 100;

/** Finds some that are to go on and seem to stand still, and marks them, so that nobody else looks at them for a minute. */
export async function findUnattendedWork(db: Queryable): Promise<UnattendedWork> {
  const replays = await db.query<UnattendedWork['replays'][number]>({
    name: 'unattended-replays',
    text: `UPDATE replays SET touched_at = now() WHERE (tenant_id, id) IN (
             SELECT tenant_id, id FROM replays
              WHERE completed_at IS NULL AND status <> 'paused' AND touched_at < now() - interval '1 minute'
              ORDER BY touched_at LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)
           RETURNING tenant_id AS "tenantId", id, endpoint_id AS "endpointId"`,
  });
  const releases = await db.query<UnattendedWork['releases'][number]>({
    name: 'unattended-releases',
    text: `UPDATE releases SET touched_at = now() WHERE (tenant_id, endpoint_id) IN (
             SELECT tenant_id, endpoint_id FROM releases WHERE touched_at < now() - interval '1 minute'
              ORDER BY touched_at LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)
           RETURNING tenant_id AS "tenantId", endpoint_id AS "endpointId"`,
  });
  return { replays: replays.rows, releases: releases.rows };
}
