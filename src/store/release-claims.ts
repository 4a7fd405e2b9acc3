/** Claims of processes that are no more: what they held is anyone's. */
import type { Queryable } from './pool.ts';
import { OPEN_LIST } from './status-sql.ts';

const CLAIMED = `workflow_id IS NULL AND claimed_by IS NOT NULL AND status IN ${OPEN_LIST}`;

const RELEASE = `
WITH held AS (
  SELECT id FROM deliveries WHERE ${CLAIMED} AND claimed_by = ANY ($1::bigint[])
   ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
), released AS (
  UPDATE deliveries d SET claimed_by = NULL
   WHERE d.id = ANY (ARRAY (SELECT id FROM held))
     AND d.id >= (SELECT min(id) FROM held) AND d.id <= (SELECT max(id) FROM held)
  RETURNING 1
)
SELECT count(*) AS count FROM released`;

/** A statement at a time: a process may have held twenty thousand. */
const PORTION = 5_000;

/** Returns how many there were. */
export async function releaseClaims(db: Queryable, processIds: number[]): Promise<number> {
  for (let released = 0; ;) {
    const values = [processIds, PORTION];
    const { rows } = await db.query<{ count: number }>({ name: 'release-claims', text: RELEASE, values });
    released += rows[0]!.count;
    if (rows[0]!.count < PORTION) return released;
  }
}

/** From process to process through the index of claims. */
const ABANDONED = `
WITH RECURSIVE holder AS (
  (SELECT claimed_by FROM deliveries WHERE ${CLAIMED} ORDER BY claimed_by LIMIT 1)
  UNION ALL
  SELECT n.claimed_by FROM holder h CROSS JOIN LATERAL (
    SELECT d.claimed_by FROM deliveries d WHERE ${CLAIMED} AND d.claimed_by > h.claimed_by
     ORDER BY d.claimed_by LIMIT 1) n
)
SELECT claimed_by AS id FROM holder h WHERE NOT EXISTS (SELECT 1 FROM processes p WHERE p.id = h.claimed_by)`;

/** Processes that hold claims, and are not registered any more. */
export async function absentClaimants(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({ name: 'absent-claimants', text: ABANDONED });
  return rows.map((row) => row.id);
}
