/** Events whose commit comes late: behind younger ones that a replay has looked at already. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { feedReplay } from '../../src/store/feed-replay.ts';
import { lowestIdAt } from '../../src/ids.ts';
import { createPool, type Pool, type Queryable } from '../../src/store/pool.ts';
import { LONGEST_COMMIT_MS, LONGEST_UNKNOWN_MS } from '../../src/store/open-writers.ts';
import { beginningOf, findSources } from '../../src/store/replay-sources.ts';
import { findReplay, insertReplay, type NewReplay } from '../../src/store/replays.ts';
import { createDatabase } from '../support/posthorn.ts';

/** Found before that of Postgres itself: its clock, and as much later as is wanted. */
const CLOCK = `
  CREATE SCHEMA clock;
  CREATE TABLE clock.ahead (ms int NOT NULL);
  INSERT INTO clock.ahead VALUES (0);
  CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS $$ SELECT pg_catalog.clock_timestamp() + ms * interval '1 ms' FROM clock.ahead $$`;

let db: Pool;
const setClockAhead = (ms: number) => db.query('UPDATE clock.ahead SET ms = $1', [ms]);

beforeAll(async () => {
  const url = new URL(await createDatabase());
  url.searchParams.set('options', '-c search_path=clock,public,pg_catalog');
  db = createPool(url.href, 2);
  await db.query(CLOCK);
  await db.query(`INSERT INTO tenants (id) VALUES ('t')`);
  await db.query(
    `INSERT INTO endpoints (id, tenant_id, url, profile, events, environments, method, headers)
     VALUES ('ep_1', 't', 'http://x.test', 'standard', '{*}', '{production}', 'POST', '{}')`,
  );
});
afterAll(() => db.end());

/** An event whose id was made so long ago, and that is committed now. */
async function commitEvent(ageMs: number, by: Queryable = db): Promise<string> {
  const madeAt = new Date(Date.now() - ageMs);
  const uid = lowestIdAt('evt', madeAt) + randomBytes(10).toString('hex');
  await by.query({
    text: `INSERT INTO events (tenant_id, uid, id, type, environment, timestamp, data, created_at)
           VALUES ('t', $1, $1, 'a.b', 'production', $2, '{}', $2)`,
    values: [uid, madeAt],
  });
  return uid;
}

function missingUntil(id: string, untilMs: number): NewReplay {
  const replay: NewReplay = {
    ...{ tenantId: 't', endpointId: 'ep_1', kind: 'missing', statuses: [], eventTypes: null },
    ...{ id, perSecond: null, since: new Date(untilMs - 3_600_000), until: new Date(untilMs), position: '' },
  };
  replay.position = beginningOf(replay);
  return replay;
}

const replayed = async (id: string): Promise<string[]> =>
  (
    await db.query<{ uid: string }>(
      'SELECT event_uid AS uid FROM deliveries WHERE replay_id = $1 ORDER BY id',
      [id],
    )
  ).rows.map(({ uid }) => uid);

it('are among what is missing, since nothing younger than a commit may take is looked at', async () => {
  const [old, young] = [await commitEvent(60_000), await commitEvent(3_000)];
  const replay = missingUntil('rpl_1', Date.now() - 1_000);
  // What is only thought about is what there is.
  expect((await findSources(db, { ...replay, id: '' }, replay.position)).sources).toHaveLength(2);
  await insertReplay(db, replay);
  const first = await feedReplay(db, 't', 'rpl_1', 10);
  expect(first).toMatchObject({ made: 1, hasMore: false });
  expect(first.nextInMs).toBeLessThanOrEqual(LONGEST_COMMIT_MS);
  expect(first.nextInMs).toBeGreaterThan(LONGEST_COMMIT_MS - 5_000);
  const late = await commitEvent(5_000);
  expect(await feedReplay(db, 't', 'rpl_1', 10)).toMatchObject({ made: 0, hasMore: false });
  await setClockAhead(first.nextInMs!);
  expect(await feedReplay(db, 't', 'rpl_1', 10)).toMatchObject({ made: 2 });
  await feedReplay(db, 't', 'rpl_1', 10);
  expect(await findReplay(db, 't', 'rpl_1')).toMatchObject({ status: 'finishing' });
  expect(await replayed('rpl_1')).toEqual([old, late, young]);
});

it.each(['deliveries', 'events'])(
  'are waited for as long as the transaction is open that has begun with their %s',
  async (table) => {
    await db.query('TRUNCATE events, deliveries, replays');
    const writer = await db.connect();
    try {
      await writer.query(`BEGIN; DELETE FROM ${table} WHERE false`);
      const openedAtMs = Date.now();
      const [before, after] = [await commitEvent(LONGEST_COMMIT_MS), await commitEvent(-30_000)];
      // By the time alone, all of these could be looked at: for Postgres, it is a minute later.
      await setClockAhead(60_000);
      const replay = missingUntil('rpl_2', openedAtMs + 40_000);
      const look = () => findSources(db, replay, replay.position);
      const first = await look();
      expect(first).toMatchObject({ sources: [{ id: before }], isLast: false });
      expect(first.waitMs).toBeGreaterThan(0);
      const late = await commitEvent(LONGEST_UNKNOWN_MS - 2_000, writer);
      expect((await look()).sources).toHaveLength(1);
      await writer.query('COMMIT');
      expect(await look()).toMatchObject({
        sources: [{ id: before }, { id: late }, { id: after }],
        isLast: true,
      });
    } finally {
      writer.release(true);
    }
  },
);
