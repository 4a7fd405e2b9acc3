import { Context } from '@temporalio/activity';
import { endStats } from '../src/store/end-stats.ts';
import { foldStats } from '../src/store/fold-stats.ts';
import { DAY_MS } from '../src/store/partitions.ts';
import type { Queryable } from '../src/store/pool.ts';

export interface StatsDeps {
  /** Connections that nothing waits for. */
  db: Queryable;
  statsRetentionDays: number;
  now?(): number;
}

export interface StatsActivities {
  /** Adds what was attempted since the last time to the statistics. `more`: not all of it, for now. */
  foldStats(): Promise<{ attempts: number; more: boolean }>;
  /** Deletes statistics that are over their time. */
  endStats(): Promise<{ stats: number }>;
}

/** Of one call: some million attempts, in less time than a workflow's task may be kept waiting. */
const MAX_STATEMENTS = 50;
const MAX_MS = 20_000;
/** By the hour they are many, and looked at for a while only. */
export const HOURS_KEPT_DAYS = 100;

export function createStatsActivities({
  db,
  statsRetentionDays,
  now = Date.now,
}: StatsDeps): StatsActivities {
  const daysAgo = (days: number) => new Date(now() - days * DAY_MS);
  return {
    async foldStats() {
      const startedAt = performance.now();
      let attempts = 0;
      for (let statements = 0; statements < MAX_STATEMENTS; statements += 1) {
        const folded = await foldStats(db);
        attempts += folded.attempts;
        if (folded.groups === 0) return { attempts, more: false };
        if (performance.now() - startedAt > MAX_MS) break;
      }
      return { attempts, more: true };
    },

    async endStats() {
      const beat = () => Context.current().heartbeat();
      const hours = await endStats(db, 'hour', daysAgo(Math.min(HOURS_KEPT_DAYS, statsRetentionDays)), beat);
      return { stats: hours + (await endStats(db, 'day', daysAgo(statsRetentionDays), beat)) };
    },
  };
}
