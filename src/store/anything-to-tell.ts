import type { Queryable } from './pool.ts';

/** The first rows of indexes that are empty most of the time. */
const TEXT = `
SELECT EXISTS (SELECT FROM failing_endpoints WHERE next_step_at <= last_failure_at)
    OR EXISTS (SELECT FROM endpoints WHERE probe AND disabled_reason = 'failing' AND deleted_at IS NULL AND probe_look_at <= now())
    OR EXISTS (SELECT FROM notices WHERE look_at <= now())
    OR EXISTS (SELECT FROM news WHERE taken_until <= now()) AS "isAny"`;

/** Whether one of the passes over failing endpoints, probes, notices and news would find something. */
export async function isAnythingToTell(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ isAny: boolean }>({ name: 'anything-to-tell', text: TEXT });
  return rows[0]!.isAny;
}
