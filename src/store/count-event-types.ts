import type { Environment } from '../domain.ts';
import { lowestIdAt } from '../ids.ts';
import type { Queryable } from './pool.ts';

/** The newest so many are looked at: enough to choose by, and a few milliseconds. */
const COUNTED = 20_000;

export interface EventTypeCount {
  type: string;
  environment: Environment;
  events: number;
  lastUid: string;
}

/** How many events of which type and environment a tenant had since then; `isComplete`: none was left out. */
export async function countEventTypes(
  db: Queryable,
  tenantId: string,
  since: Date,
): Promise<{ counts: EventTypeCount[]; isComplete: boolean }> {
  const { rows } = await db.query<EventTypeCount>({
    text: `SELECT type, environment, count(*)::int AS events, max(uid) AS "lastUid"
             FROM (SELECT uid, type, environment FROM events WHERE tenant_id = $1 AND uid >= $2
                    ORDER BY uid DESC LIMIT ${COUNTED}) AS newest
            GROUP BY type, environment ORDER BY events DESC, type`,
    values: [tenantId, lowestIdAt('evt', since)],
  });
  return { counts: rows, isComplete: rows.reduce((sum, { events }) => sum + events, 0) < COUNTED };
}
