import type { Queryable } from './pool.ts';

/** When it is looked at again whether their workflows are at work. */
const AGAIN = `interval '1 hour'`;

/** Endpoints that are disabled because they failed and want to be probed: some that nobody has looked at for a while. */
export async function claimProbes(
  db: Queryable,
  limit: number,
): Promise<{ tenantId: string; endpointId: string }[]> {
  const { rows } = await db.query<{ tenantId: string; endpointId: string }>({
    name: 'claim-probes',
    text: `UPDATE endpoints SET probe_look_at = now() + ${AGAIN}
            WHERE id = ANY (ARRAY(SELECT id FROM endpoints
                                   WHERE probe AND disabled_reason = 'failing' AND deleted_at IS NULL AND probe_look_at <= now()
                                   ORDER BY probe_look_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED))
           RETURNING tenant_id AS "tenantId", id AS "endpointId"`,
    values: [limit],
  });
  return rows;
}

/** Their workflows could not be started: they come up again soon. */
export async function lookAgainAtProbes(
  db: Queryable,
  endpointIds: string[],
  seconds: number,
): Promise<void> {
  await db.query({
    text: `UPDATE endpoints SET probe_look_at = now() + make_interval(secs => $2) WHERE id = ANY ($1)`,
    values: [endpointIds, seconds],
  });
}
