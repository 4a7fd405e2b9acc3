import type { Queryable } from './pool.ts';

/** Replays and releases that nothing has happened to for a while. */
export interface UnattendedWork {
  replays: { tenantId: string; id: string; endpointId: string }[];
  releases: { tenantId: string; endpointId: string }[];
}

const LIMIT = 100;
const STANDS_STILL = `now() - interval '1 minute'`;
/**
 * For `touched_at` of what a workflow is about to be told of: should that get lost, it is found in a quarter of a minute. A workflow
 * that hears of it touches it at once, and nobody looks for it any more.
 */
export const FOUND_SOON = `now() - interval '45 seconds'`;

/** Finds some that are to go on and seem to stand still, and marks them, so that nobody else looks at them for a minute. */
export async function findUnattendedWork(db: Queryable): Promise<UnattendedWork> {
  const replays = await db.query<UnattendedWork['replays'][number]>({
    name: 'unattended-replays',
    text: `UPDATE replays SET touched_at = now() WHERE (tenant_id, id) IN (
             SELECT tenant_id, id FROM replays
              WHERE completed_at IS NULL AND status <> 'paused' AND touched_at < ${STANDS_STILL}
              ORDER BY touched_at LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)
           RETURNING tenant_id AS "tenantId", id, endpoint_id AS "endpointId"`,
  });
  const releases = await db.query<UnattendedWork['releases'][number]>({
    name: 'unattended-releases',
    text: `UPDATE releases SET touched_at = now() WHERE (tenant_id, endpoint_id) IN (
             SELECT tenant_id, endpoint_id FROM releases WHERE touched_at < ${STANDS_STILL}
              ORDER BY touched_at LIMIT ${LIMIT} FOR UPDATE SKIP LOCKED)
           RETURNING tenant_id AS "tenantId", endpoint_id AS "endpointId"`,
  });
  return { replays: replays.rows, releases: releases.rows };
}

/** Those could not be told: it is tried again soon. */
export async function findAgainSoon(db: Queryable, { replays, releases }: UnattendedWork): Promise<void> {
  await db.query({
    name: 'replays-again-soon',
    text: `UPDATE replays SET touched_at = ${FOUND_SOON}
            WHERE (tenant_id, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    values: [replays.map(({ tenantId }) => tenantId), replays.map(({ id }) => id)],
  });
  await db.query({
    name: 'releases-again-soon',
    text: `UPDATE releases SET touched_at = ${FOUND_SOON}
            WHERE (tenant_id, endpoint_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    values: [releases.map(({ tenantId }) => tenantId), releases.map(({ endpointId }) => endpointId)],
  });
}
