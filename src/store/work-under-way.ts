import type { Queryable } from './pool.ts';

/** What workflows carry beside deliveries, as of now. Counts stop at {@link COUNT_LIMIT}. */
export interface WorkUnderWay {
  /** Notices that are gathering, or to be mailed. */
  noticesWaiting: number;
  replaysRunning: number;
  replaysPaused: number;
  releases: number;
}

const COUNT_LIMIT = 20_000;

const count = (from: string): string =>
  `(SELECT count(*)::int FROM (SELECT 1 FROM ${from} LIMIT ${COUNT_LIMIT}) x)`;

const TEXT = `
SELECT ${count(`notices WHERE look_at IS NOT NULL`)} AS "noticesWaiting",
       ${count(`replays WHERE completed_at IS NULL AND status <> 'paused'`)} AS "replaysRunning",
       ${count(`replays WHERE status IN ('running', 'paused') AND status = 'paused'`)} AS "replaysPaused",
       ${count('releases')} AS releases`;

export async function readWorkUnderWay(db: Queryable): Promise<WorkUnderWay> {
  return (await db.query<WorkUnderWay>({ name: 'work-under-way', text: TEXT })).rows[0]!;
}
