/** What becomes of days that are over their time. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRetentionActivities, type RetentionActivities } from '../../activities/retention.ts';
import { retention } from '../../workflows/retention.ts';
import { lowestIdAt } from '../../src/ids.ts';
import { findAccepted } from '../../src/store/find-accepted.ts';
import { listAttempts } from '../../src/store/list-attempts.ts';
import { findDelivery } from '../../src/store/list-deliveries.ts';
import { findEvent } from '../../src/store/list-events.ts';
import { loadDeliveries } from '../../src/store/load-deliveries.ts';
import { openDeliveries } from '../../src/store/open-deliveries.ts';
import { createPartitionsAhead } from '../../src/store/days-ahead.ts';
import { DAY_MS, dayName, existingDays } from '../../src/store/partitions.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { createDatabase } from '../support/posthorn.ts';
import { useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
let db: Pool;
let databaseUrl: string;
const NOW = Date.now();
const daysAgo = (days: number) => new Date(NOW - days * DAY_MS);

beforeAll(async () => {
  databaseUrl = await createDatabase();
  db = createPool(databaseUrl, 3);
  await db.query(`INSERT INTO tenants (id) VALUES ('t')`);
});
afterAll(() => db.end());

function activities(payloadRetentionDays: number | null = null, nowMs = NOW): RetentionActivities {
  return createRetentionActivities({
    auditRetentionDays: 365,
    db,
    retentionDays: 30,
    payloadRetentionDays,
    now: () => nowMs,
  });
}
const run = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run(work);

const idAt = (prefix: string, time: Date): string =>
  `${prefix}_${uuidv7({ msecs: time.getTime() }).replaceAll('-', '')}`;

/** An event of that time with one delivery, attempted once; the event's own id is `own-<uid>`. */
async function delivered(time: Date, status: string, deliveryTime = time) {
  const [uid, id] = [idAt('evt', time), idAt('dlv', deliveryTime)];
  const own = `own-${uid}`;
  await db.query(`INSERT INTO event_keys VALUES ('t', $1, $2)`, [uid, own]);
  await db.query(`INSERT INTO events VALUES ('t', $1, $2, 'a.b', 'production', $3, '{"n":1}', $3)`, [
    uid,
    own,
    time,
  ]);
  await db.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             attempt_count, created_at)
     VALUES ('t', $1, $2, $3, 'ep', 'a.b', 'production', 'schedule', $4, 1, $5)`,
    [id, uid, own, status, deliveryTime],
  );
  await db.query(
    `INSERT INTO attempts (tenant_id, delivery_id, number, trigger, started_at, duration_ms, url, method,
                           request_headers, response_headers, response_body, response_body_bytes, endpoint_id)
     VALUES ('t', $1, 1, 'schedule', now(), 1, 'http://x.test', 'POST', '{}', '{}', 'no', 2, 'ep')`,
    [id],
  );
  return { uid, id, own };
}

async function whole({ uid, id, own }: { uid: string; id: string; own: string }) {
  const attempts = await listAttempts(db, 't', id);
  const loaded = await loadDeliveries(db, [{ deliveryId: id, number: 1 }]);
  return {
    delivery: (await findDelivery(db, 't', id)) !== null,
    attempts: attempts.length,
    event: (await findEvent(db, 't', own)) !== null,
    loaded: loaded.get(id)?.recorded?.number ?? null,
    key: (await findAccepted(db, 't', uid === own ? uid : own, null)) !== null,
  };
}
const ALL = { delivery: true, attempts: 1, event: true, loaded: 1, key: true };
const NOTHING = { delivery: false, attempts: 0, event: false, loaded: null, key: false };

it('drops days that are over, and keeps what is open in them until it has ended', async () => {
  const old = daysAgo(40);
  await createPartitionsAhead(db, old);
  const ended = await Promise.all(
    ['succeeded', 'failed', 'cancelled'].map((status) => delivered(old, status)),
  );
  const open = await Promise.all(['pending', 'retrying', 'held'].map((status) => delivered(old, status)));
  // Made of an event of that day after midnight.
  const later = await delivered(old, 'retrying', daysAgo(5));
  const young = await delivered(daysAgo(20), 'succeeded');

  const plan = await run(() => activities().planRetention());
  expect(plan.toDrop).toContain(dayName(old));
  expect(plan.toDrop).not.toContain(dayName(daysAgo(20)));
  for (const day of plan.toDrop) {
    const end = await run(() => activities().endDay({ day }));
    expect(end).toEqual({ dropped: true, kept: day === dayName(old) ? open.length : 0 });
  }
  expect(await run(() => activities().endKept())).toMatchObject({ deleted: 0, keys: ended.length });
  expect(await existingDays(db)).not.toContain(dayName(old));
  for (const one of ended) expect(await whole(one)).toEqual(NOTHING);
  for (const one of [...open, later, young]) expect(await whole(one)).toEqual(ALL);

  await db.query(`UPDATE deliveries SET status = 'succeeded' WHERE id = ANY ($1)`, [
    open.map(({ id }) => id),
  ]);
  expect(await run(() => activities().endKept())).toMatchObject({ deleted: open.length, keys: open.length });
  for (const one of open) expect(await whole(one)).toEqual(NOTHING);
  for (const one of [later, young]) expect(await whole(one)).toEqual(ALL);
});

it('waits for its locks by giving them up: who reads a day for long holds up nobody who writes', async () => {
  const old = daysAgo(50);
  await createPartitionsAhead(db, old);
  const { id } = await delivered(old, 'succeeded');
  const reader = new pg.Client({ connectionString: databaseUrl });
  await reader.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM deliveries');
  const ending = run(() => activities().endDay({ day: dayName(old) }));
  const waiting = () =>
    db.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
  await until(waiting, ({ rows }) => rows.length > 0);
  // Stands behind the one that waits, and would stand there as long as the reader reads.
  await delivered(new Date(NOW), 'pending');
  expect(await findDelivery(reader, 't', id)).not.toBeNull();
  await reader.query('COMMIT');
  await reader.end();
  expect(await ending).toEqual({ dropped: true, kept: 0 });
});

it('a day with too much open in it is emptied of what has ended', async () => {
  const old = daysAgo(60);
  const day = dayName(old);
  await createPartitionsAhead(db, old);
  const ended = await delivered(old, 'failed');
  const open = await delivered(old, 'held');
  await db.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             created_at)
     SELECT 't', $1 || lpad(n::text, 20, '0'), $2, 'x', 'ep', 'a.b', 'production', 'schedule', 'held', now()
       FROM generate_series(1, 10001) n`,
    [lowestIdAt('dlv', old), open.uid],
  );
  expect(await run(() => activities().endDay({ day }))).toMatchObject({ dropped: false });
  expect(await existingDays(db)).toContain(day);
  expect({ ...(await whole(ended)), key: false }).toEqual(NOTHING);
  expect(await whole(open)).toEqual(ALL);
  await db.query(`DELETE FROM deliveries WHERE event_id = 'x'`);
  expect(await run(() => activities().endDay({ day }))).toEqual({ dropped: true, kept: 1 });
  expect(await whole(open)).toEqual(ALL);
});

it('what is open is found through indexes: nobody goes through all of a day for it', async () => {
  const client = await db.connect();
  await client.query('BEGIN; SET LOCAL enable_seqscan = off');
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN ${openDeliveries('deliveries_default', '*')}`,
  );
  await client.query('ROLLBACK');
  client.release();
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('Index Scan');
  expect(plan).not.toContain('Seq Scan');
});

/** So many bytes in so many answers more, which do not get smaller by being compressed. */
async function answered({ id }: { id: string }, count: number, bytes: number): Promise<void> {
  await db.query(
    `INSERT INTO attempts SELECT a.tenant_id, delivery_id, 1 + n, a.trigger, started_at, duration_ms, url, method, status_code,
                                 error_class, error_message, remark, retry_after_seconds, request_headers, response_headers,
                                 $2, response_body_bytes, endpoint_id
       FROM attempts a, generate_series(1, $3) n WHERE a.tenant_id = 't' AND a.delivery_id = $1 AND a.number = 1`,
    [id, randomBytes(bytes / 2).toString('hex'), count],
  );
}

it('a day with too long a log of what is open is not moved: nobody waits for it', async (test) => {
  const old = daysAgo(70);
  const day = dayName(old);
  await createPartitionsAhead(db, old);
  const [ended, open] = [await delivered(old, 'failed'), await delivered(old, 'held')];
  await answered(open, 600, 64_000);
  const reader = new pg.Client({ connectionString: databaseUrl });
  test.onTestFinished(() => reader.end());
  await reader.connect();
  // Whoever asks for the locks fails as long as somebody reads.
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM deliveries');
  expect(await run(() => activities().endDay({ day }))).toEqual({ dropped: false, open: 1 });
  await reader.query('COMMIT');
  expect(await existingDays(db)).toContain(day);
  expect({ ...(await whole(ended)), key: false }).toEqual(NOTHING);
  expect(await whole(open)).toEqual({ ...ALL, attempts: 601 });
  await db.query(`UPDATE deliveries SET status = 'cancelled' WHERE id = $1`, [open.id]);
  expect(await run(() => activities().endDay({ day }))).toEqual({ dropped: true, kept: 0 });
});

it('a day with large events of what is open elsewhere is not moved either', async () => {
  const old = daysAgo(72);
  const day = dayName(old);
  await createPartitionsAhead(db, old);
  const later = await Promise.all(Array.from({ length: 20 }, () => delivered(old, 'held', daysAgo(4))));
  await db.query(`UPDATE events SET data = $2 WHERE uid = ANY ($1)`, [
    later.map(({ uid }) => uid),
    JSON.stringify(randomBytes(500_000).toString('hex')),
  ]);
  expect(await run(() => activities().endDay({ day }))).toEqual({ dropped: false, open: 0 });
  for (const one of later) expect(await whole(one)).toEqual(ALL);
  await db.query(`UPDATE events SET data = '1' WHERE uid = ANY ($1)`, [later.map(({ uid }) => uid)]);
  expect(await run(() => activities().endDay({ day }))).toEqual({ dropped: true, kept: 0 });
  for (const one of later) expect(await whole(one)).toEqual(ALL);
});

it('a day that takes too long to be moved is let go of in time, and tried again the next day', async () => {
  const old = daysAgo(74);
  const day = dayName(old);
  await createPartitionsAhead(db, old);
  const open = await Promise.all(Array.from({ length: 20 }, () => delivered(old, 'held')));
  await db.query(
    `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END';
     CREATE TRIGGER slowly BEFORE INSERT ON deliveries_default FOR EACH ROW EXECUTE FUNCTION slowly()`,
  );
  const planned = async (nowMs: number) => (await run(() => activities(null, nowMs).planRetention())).toDrop;
  expect(await planned(NOW)).toContain(day);
  const ending = run(() => activities().endDay({ day }));
  // Ten seconds of pauses: whoever writes would wait for all of them.
  await until(
    () =>
      db.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      ),
    ({ rows }) => rows.length > 0,
  );
  const began = performance.now();
  await delivered(new Date(NOW), 'pending');
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await ending).toEqual({ dropped: false, open: open.length });
  await db.query('DROP FUNCTION slowly CASCADE');
  for (const one of open) expect(await whole(one)).toEqual(ALL);
  expect(await planned(NOW)).not.toContain(day);
  expect(await planned(NOW + DAY_MS)).toContain(day);
  expect(await run(() => activities().endDay({ day }))).toEqual({ dropped: true, kept: open.length });
  for (const one of open) expect(await whole(one)).toEqual(ALL);
});

it('payloads are dropped earlier where that is asked for, but not of what is open', async () => {
  const some = daysAgo(10);
  const day = dayName(some);
  await createPartitionsAhead(db, some);
  const [ended, open] = [await delivered(some, 'succeeded'), await delivered(some, 'retrying')];
  const bodies = async () =>
    (await db.query<{ id: string }>("SELECT id FROM deliveries WHERE rendered_body = 'made'")).rows.map(
      ({ id }) => id,
    );
  await db.query("UPDATE deliveries SET rendered_body = 'made' WHERE id = ANY ($1)", [[ended.id, open.id]]);
  expect((await run(() => activities(null).planRetention())).toEmpty).not.toContain(day);
  expect((await run(() => activities(7).planRetention())).toEmpty).toContain(day);
  expect(await run(() => activities(7).emptyDay({ day }))).toEqual({ emptied: 1 });
  expect((await run(() => activities(7).planRetention())).toEmpty).not.toContain(day);
  expect((await findEvent(db, 't', ended.own))!.data).toBeNull();
  expect((await findEvent(db, 't', open.own))!.data).toBe('{"n":1}');
  expect((await listAttempts(db, 't', ended.id))[0]!.responseBody).toBeNull();
  expect(await bodies()).toEqual([open.id]);
});

it('what comes on a day without a partition is taken all the same', async () => {
  const far = new Date(NOW + 100 * DAY_MS);
  const one = await delivered(far, 'pending');
  expect(await whole(one)).toEqual(ALL);
});

/** As when nobody had made them. */
async function withoutPartitions(time: Date): Promise<string> {
  const day = dayName(time);
  await db.query(['events', 'deliveries', 'attempts'].map((t) => `DROP TABLE ${t}_${day}`).join('; '));
  return day;
}

const inDefault = async (id: string): Promise<boolean> =>
  (await db.query('SELECT 1 FROM deliveries_default WHERE id = $1', [id])).rows.length === 1;

/** Two processes on this test's database, started at once. */
async function startTwo(log: string[]): Promise<void> {
  const warn = (fields: object, message: string) => log.push(`${message} ${JSON.stringify(fields)}`);
  await Promise.all([migrate(databaseUrl, { warn }), migrate(databaseUrl, { warn })]);
}

it('rows that came before their day was made are moved into it, by two processes that start at once', async () => {
  const tomorrow = new Date(NOW + DAY_MS);
  const day = await withoutPartitions(tomorrow);
  const early = await Promise.all(
    ['pending', 'succeeded', 'held'].map((status) => delivered(tomorrow, status)),
  );
  for (const { id } of early) expect(await inDefault(id)).toBe(true);
  const log: string[] = [];
  await startTwo(log);
  expect(log).toEqual([]);
  expect(await existingDays(db)).toContain(day);
  for (const one of early) {
    expect(await inDefault(one.id)).toBe(false);
    expect(await whole(one)).toEqual(ALL);
  }
});

it('a day with too many rows in DEFAULT stays there: processes start, and its rows go when they are over', async () => {
  const later = new Date(NOW + 2 * DAY_MS);
  const day = await withoutPartitions(later);
  const [ended, open] = [await delivered(later, 'failed'), await delivered(later, 'retrying')];
  await db.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             created_at)
     SELECT 't', $1 || lpad(n::text, 20, '0'), 'x', 'crowd', 'ep', 'a.b', 'production', 'schedule', 'succeeded', now()
       FROM generate_series(1, 10001) n`,
    [lowestIdAt('dlv', later)],
  );
  const log: string[] = [];
  await startTwo(log);
  expect(log).toHaveLength(2);
  expect(log[0]).toMatch(/a day has no partitions: its rows go to DEFAULT.*more than 10000 rows/);
  const plan = await run(() => activities().planRetention());
  expect(plan.notMade).toMatchObject([{ day }]);
  expect(await existingDays(db)).not.toContain(day);
  for (const one of [ended, open]) expect(await whole(one)).toEqual(ALL);

  const monthLater = NOW + 40 * DAY_MS;
  await run(() => activities(null, monthLater).endKept());
  expect(await whole(ended)).toEqual(NOTHING);
  expect(await whole(open)).toEqual(ALL);
  const left = await db.query(`SELECT count(*)::int AS n FROM deliveries WHERE event_id = 'crowd'`);
  expect(left.rows).toEqual([{ n: 0 }]);
});

it('payloads in DEFAULT are dropped in their time, too', async () => {
  const some = daysAgo(12);
  const [ended, open] = [await delivered(some, 'succeeded'), await delivered(some, 'held')];
  expect(await inDefault(ended.id)).toBe(true);
  await run(() => activities(7).endKept());
  expect((await findEvent(db, 't', ended.own))!.data).toBeNull();
  expect((await findEvent(db, 't', open.own))!.data).toBe('{"n":1}');
});

it('runs as a workflow that a schedule starts', async () => {
  const { taskQueue } = rig.config;
  const schedule = await rig.temporal.schedule.getHandle(`${taskQueue}-retention`).describe();
  expect(schedule.action).toMatchObject({ workflowType: 'retention', taskQueue });
  const result = await rig.temporal.workflow.execute(retention, {
    taskQueue,
    workflowId: `${taskQueue}-by-hand`,
  });
  expect(result).toMatchObject({ toDrop: [], failed: [] });
});
