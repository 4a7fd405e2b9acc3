import { Context } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import { lowestIdAt } from '../src/ids.ts';
import { dropDay, isLockTimeout, openEventsBetween, type DayEnd } from '../src/store/drop-day.ts';
import { tenantsBeingDeleted } from '../src/store/delete-tenant.ts';
import { deleteEnded, dropPayloads } from '../src/store/empty-partition.ts';
import { createPartitionsAhead, type DaysAhead } from '../src/store/days-ahead.ts';
import { DAY_MS, dayAfter, dayName, dayStart, existingDays } from '../src/store/partitions.ts';
import type { Pool } from '../src/store/pool.ts';
import { pruneAudit } from '../src/store/audit.ts';
import { pruneNotices } from '../src/store/notices.ts';
import { deleteEndedReplays } from '../src/store/replays.ts';
import { pruneEventKeys } from '../src/store/prune-event-keys.ts';

export interface RetentionDeps {
  /** Connections that nothing waits for. */
  db: Pool;
  retentionDays: number;
  /** null: payloads stay as long as everything else. */
  payloadRetentionDays: number | null;
  auditRetentionDays: number;
  now?(): number;
}

/** `made`, `notMade`: partitions of the days to come. */
export interface RetentionPlan extends DaysAhead {
  /** Days that are over their time, unless that has been tried today. */
  toDrop: string[];
  /** Days whose payloads are. */
  toEmpty: string[];
  /** Tenants that are being deleted: should Temporal have been away when that began. */
  tenants: string[];
}

export interface RetentionActivities {
  planRetention(): Promise<RetentionPlan>;
  /** Drops the day, or empties it of what has ended. */
  endDay(input: { day: string }): Promise<DayEnd>;
  emptyDay(input: { day: string }): Promise<{ emptied: number }>;
  /** In DEFAULT, what is over its time and has ended: kept when its day was dropped, or of a day without partitions. */
  endKept(): Promise<{ deleted: number; keys: number; notices: number; replays: number; audit: number }>;
}

const ROWS_AT_ONCE = 1_000;
const LOCK_TRIES = 30;
const LOCK_PAUSE_MS = 1_000;

export function createRetentionActivities(deps: RetentionDeps): RetentionActivities {
  const { db, retentionDays, payloadRetentionDays, auditRetentionDays } = deps;
  const now = deps.now ?? Date.now;
  const daysAgo = (days: number) => new Date(now() - days * DAY_MS);
  const beat = () => Context.current().heartbeat();

  /** Days that ended so many days ago. */
  const over = (days: string[], keptDays: number) =>
    days.filter((day) => dayStart(dayAfter(day)) <= daysAgo(keptDays));

  return {
    async planRetention() {
      const daysAhead = await createPartitionsAhead(db, new Date(now()));
      const days = await existingDays(db);
      const ended = over(days, retentionDays);
      const toDrop = await notYetTriedToday(ended);
      const kept = days.filter((day) => !ended.includes(day));
      return {
        ...daysAhead,
        toDrop,
        toEmpty: await withPayloads(payloadRetentionDays ?? retentionDays, kept),
        tenants: await tenantsBeingDeleted(db),
      };
    },

    async endDay({ day }) {
      for (let tries = 1; ; tries += 1) {
        try {
          const end = await dropDay(db, day);
          if (end.dropped) return end;
          await empty(day, dayStart(day), dayStart(dayAfter(day)));
          await db.query({ text: `COMMENT ON TABLE deliveries_${day} IS '${triedToday()}'` });
          return end;
        } catch (error) {
          // Somebody reads or writes for longer than publishing may be held up.
          if (!isLockTimeout(error) || tries === LOCK_TRIES) throw error;
          beat();
          await sleep(LOCK_PAUSE_MS);
        }
      }
    },

    async emptyDay({ day }) {
      const emptied = await emptyOfPayloads(day, dayStart(day), dayStart(dayAfter(day)));
      await db.query({ text: `COMMENT ON TABLE events_${day} IS '${EMPTIED}'` });
      return { emptied };
    },

    async endKept() {
      const cutoff = daysAgo(retentionDays);
      const deleted = await empty('default', THE_BEGINNING, cutoff);
      if (payloadRetentionDays !== null)
        await emptyOfPayloads('default', THE_BEGINNING, daysAgo(payloadRetentionDays));
      const keys = await pruneEventKeys(db, lowestIdAt('evt', cutoff), beat);
      const notices = await pruneNotices(db, cutoff, beat);
      const replays = await inPieces((limit) => deleteEndedReplays(db, cutoff, limit));
      const audit = await inPieces((limit) => pruneAudit(db, daysAgo(auditRetentionDays), limit));
      return { deleted, keys, notices, replays, audit };
    },
  };

  async function inPieces(deleteSome: (limit: number) => Promise<number>): Promise<number> {
    let deleted = 0;
    for (let more = true; more;) {
      const count = await deleteSome(ROWS_AT_ONCE);
      deleted += count;
      more = count === ROWS_AT_ONCE;
      beat();
    }
    return deleted;
  }

  async function empty(suffix: string, from: Date, cutoff: Date): Promise<number> {
    const needed = await openEventsBetween(db, from, cutoff, from);
    return deleteEnded(db, suffix, before(cutoff), needed, beat);
  }

  async function emptyOfPayloads(suffix: string, from: Date, cutoff: Date): Promise<number> {
    const needed = await openEventsBetween(db, from, cutoff, from);
    return dropPayloads(db, suffix, before(cutoff), needed, beat);
  }

  /** Going through a large day, and trying to drop it, costs something. */
  function notYetTriedToday(days: string[]): Promise<string[]> {
    return withoutComment('deliveries', triedToday(), days);
  }

  function triedToday(): string {
    return `could not be dropped on ${dayName(new Date(now()))}`;
  }

  function withPayloads(keptDays: number, days: string[]): Promise<string[]> {
    return withoutComment('events', EMPTIED, over(days, keptDays));
  }

  async function withoutComment(table: string, comment: string, days: string[]): Promise<string[]> {
    const { rows } = await db.query<{ day: string }>({
      text: `SELECT day FROM unnest($1::text[]) AS d (day)
              WHERE obj_description(($2 || '_' || day)::regclass, 'pg_class') IS DISTINCT FROM $3 ORDER BY day`,
      values: [days, table, comment],
    });
    return rows.map((row) => row.day);
  }
}

const before = (time: Date) => ({ deliveryId: lowestIdAt('dlv', time), eventUid: lowestIdAt('evt', time) });

const THE_BEGINNING = new Date(0);
/** Noted on a partition, so that it is not gone through every hour. */
const EMPTIED = 'payloads dropped';
