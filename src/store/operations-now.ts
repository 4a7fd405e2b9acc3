/** How the deployment does just now, over all tenants. */
import { readBacklog, type Backlog } from './backlog.ts';
import { readLaneBacklog, type LaneBacklog } from './lane-backlog.ts';
import type { Queryable } from './pool.ts';
import { liveWorkers, type LiveWorker } from './processes.ts';
import { readWorkUnderWay, type WorkUnderWay } from './work-under-way.ts';

/** No count goes beyond it: that it is more is all that matters. */
export const COUNT_LIMIT = 20_000;

export interface OperationsNow {
  at: Date;
  backlog: Backlog;
  lanes: LaneBacklog;
  work: WorkUnderWay;
  failingEndpoints: number;
  workers: LiveWorker[];
}

/** One after the other: lists have few connections, and nobody is in a hurry. */
export async function readOperations(db: Queryable): Promise<OperationsNow> {
  const at = new Date();
  const backlog = await readBacklog(db);
  const lanes = await readLaneBacklog(db);
  const work = await readWorkUnderWay(db);
  const workers = await liveWorkers(db);
  const { rows } = await db.query<{ count: number }>({
    name: 'count-failing',
    text: `SELECT count(*)::int AS count FROM (SELECT FROM failing_endpoints LIMIT ${COUNT_LIMIT}) f`,
  });
  return { at, backlog, lanes, work, workers, failingEndpoints: rows[0]!.count };
}
