import { createBatcher } from '../batcher.ts';
import type { LaneId } from './claim-lane.ts';
import { CHANNELS } from './listener.ts';
import type { Queryable } from './pool.ts';

/** What goes through the channel `posthorn_lanes`. */
export interface LaneNotice {
  /** The process that says so: it knows already. */
  from: number | null;
  /** To be woken. */
  due: LaneId[];
  /** Endpoints whose lanes somebody works through: there is more in them. */
  more: string[];
  /** And these are to be left for a moment: their workflows have something to say. */
  leave: string[];
}

export type LaneNews = Partial<Omit<LaneNotice, 'from'>>;

/** A payload has less than 8000 bytes, and a tenant's id up to 128. */
const LANES_PER_NOTICE = 30;

/** Tells the workers about lanes: at once, and what comes while that is under way shares the next call. */
export function createLaneNotifier(db: Queryable, processId: () => number | null): (news: LaneNews) => void {
  const batcher = createBatcher<LaneNews, null>({
    maxItems: LANES_PER_NOTICE,
    maxWeight: LANES_PER_NOTICE,
    weigh: ({ due = [], more = [], leave = [] }) => due.length + more.length + leave.length,
    concurrency: 1,
    async run(news) {
      const notice: LaneNotice = {
        from: processId(),
        due: news.flatMap(({ due = [] }) => due),
        more: [...new Set(news.flatMap(({ more = [] }) => more))],
        leave: news.flatMap(({ leave = [] }) => leave),
      };
      // One that is lost costs time only: workers look every second for what is due.
      const values = [CHANNELS.lanes, JSON.stringify(notice)];
      await db.query({ text: 'SELECT pg_notify($1, $2)', values }).catch(() => {});
      return news.map(() => null);
    },
  });
  return ({ due = [], more = [], leave = [] }) => {
    for (const lane of due) void batcher.submit({ due: [lane] });
    for (const endpointId of more) void batcher.submit({ more: [endpointId] });
    for (const endpointId of leave) void batcher.submit({ leave: [endpointId] });
  };
}

export const readLaneNotice = (payload: string): LaneNotice => JSON.parse(payload) as LaneNotice;
