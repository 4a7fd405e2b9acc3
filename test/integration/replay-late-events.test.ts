/** Events whose commit comes late: behind younger ones that a replay has looked at already. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { feedReplay } from '../../src/store/feed-replay.ts';
import { lowestIdAt } from '../../src/ids.ts';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { beginningOf, findSources, LONGEST_COMMIT_MS } from '../../src/store/replay-sources.ts';
import { findReplay, insertReplay, type NewReplay } from '../../src/store/replays.ts';
import { createDatabase } from '../support/posthorn.ts';
import { until } from '../support/until.ts';

let db: Pool;
beforeAll(async () => {
  db = createPool(await createDatabase(), 2);
  await db.query(`INSERT INTO tenants (id) VALUES ('t')`);
  await db.query(
    `INSERT INTO endpoints (id, tenant_id, url, profile, events, environments, method, headers)
     VALUES ('ep_1', 't', 'http://x.test', 'standard', '{*}', '{production}', 'POST', '{}')`,
  );
});
afterAll(() => db.end());

/** An event whose id was made so long ago, and that is committed now. */
async function commitEvent(ageMs: number): Promise<string> {
  const madeAt = new Date(Date.now() - ageMs);
  const uid = lowestIdAt('evt', madeAt) + randomBytes(10).toString('hex');
  await db.query(
    `INSERT INTO events (tenant_id, uid, id, type, environment, timestamp, data, created_at)
     VALUES ('t', $1, $1, 'a.b', 'production', $2, '{}', $2)`,
    [uid, madeAt],
  );
  return uid;
}

it('are among what is missing, since nothing younger than a commit may take is looked at', async () => {
  const [old, young] = [await commitEvent(60_000), await commitEvent(3_000)];
  const now = Date.now();
  const replay: NewReplay = {
    ...{ tenantId: 't', endpointId: 'ep_1', kind: 'missing', statuses: [], eventTypes: null },
    ...{ id: 'rpl_1', perSecond: null, since: new Date(now - 3_600_000), until: new Date(now - 1_000) },
    position: '',
  };
  replay.position = beginningOf(replay);
  // What is only thought about is what there is.
  expect((await findSources(db, { ...replay, id: '' }, replay.position)).sources).toHaveLength(2);
  await insertReplay(db, replay);
  const first = await feedReplay(db, 't', 'rpl_1', 10);
  expect(first).toMatchObject({ made: 1, hasMore: false });
  expect(first.nextInMs).toBeLessThanOrEqual(LONGEST_COMMIT_MS);
  expect(first.nextInMs).toBeGreaterThan(LONGEST_COMMIT_MS - 5_000);
  const late = await commitEvent(5_000);
  await until(
    async () => {
      await feedReplay(db, 't', 'rpl_1', 10);
      return findReplay(db, 't', 'rpl_1');
    },
    (found) => found?.status === 'finishing',
    500,
  );
  const { rows } = await db.query<{ uid: string }>(
    `SELECT event_uid AS uid FROM deliveries WHERE replay_id = 'rpl_1' ORDER BY id`,
  );
  expect(rows.map(({ uid }) => uid)).toEqual([old, late, young]);
});
