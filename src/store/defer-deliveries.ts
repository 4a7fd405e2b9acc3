import { idRange } from '../ids.ts';
import type { Queryable } from './pool.ts';
import { OPEN_LIST } from './status-sql.ts';

export interface Deferral {
  id: string;
  /** Unix ms. */
  untilMs: number;
}

/** Their retries are not made now: notes when their workflows ask again, for whoever looks. */
export async function deferDeliveries(db: Queryable, deferrals: Deferral[]): Promise<void> {
  const ids = deferrals.map(({ id }) => id);
  await db.query({
    name: 'defer-deliveries',
    text: `UPDATE deliveries d SET next_attempt_at = t.until
             FROM unnest($1::text[], $2::timestamptz[]) AS t (id, until)
            WHERE d.id = t.id AND d.id = ANY ($1) AND d.id BETWEEN $3 AND $4
              AND d.next_attempt_at IS NOT NULL AND d.status IN ${OPEN_LIST}`,
    values: [ids, deferrals.map(({ untilMs }) => new Date(untilMs).toISOString()), ...idRange(ids)],
  });
}
