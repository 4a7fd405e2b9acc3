/** How many events of which type there were: read within bounds, however many there are. */
import { beforeAll, expect, it } from 'vitest';
import { createPartitionsAhead } from '../../src/store/days-ahead.ts';
import { eventIdsByUid } from '../../src/store/list-events.ts';
import { DAY_MS } from '../../src/store/partitions.ts';
import { createPool } from '../../src/store/pool.ts';
import { pagesOf } from '../support/plans.ts';
import { expectProblem, useRig, type Json } from '../support/rig.ts';

const rig = useRig();
const COUNTED = 20_000;
const DAYS = 6;

/** So many events of a tenant, evenly over the last `hours`; of `types` types in turn, the newest of the last one. */
const insertEvents = (tenant: string, count: number, hours: number, types: number) =>
  rig.sql(
    `INSERT INTO events (tenant_id, uid, id, type, environment, timestamp, data, created_at)
     SELECT $1, 'evt_' || lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || lpad(n::text, 20, '0'), 'own-' || n,
            'type.' || n % $4, 'production', at, '{}', at
       FROM (SELECT n, now() - ($2 - n) * make_interval(secs => $3 * 3600.0 / $2) AS at FROM generate_series(1, $2) n) r`,
    ...[tenant, count, hours, types],
  );
const counts = async (tenant: string, query = ''): Promise<Json> => {
  const answer = await rig.call('GET', `/v1/tenants/${tenant}/event-counts${query}`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const sum = ({ data }: Json): number => data.reduce((all: number, { events }: Json) => all + events, 0);
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

beforeAll(async () => {
  const pool = createPool(rig.databaseUrl, 1);
  for (let day = 1; day < DAYS; day += 1) await createPartitionsAhead(pool, daysAgo(day));
  await pool.end();
  await insertEvents('few', 300, 24 * 10, 3);
  await insertEvents('many', COUNTED + 1_000, 24, 2);
  await insertEvents('types', 1_000, 24, 500);
  await insertEvents('other', 30_000, 24 * DAYS, 1);
});

it('of the last week, with the id that the newest of each has for its sender', async () => {
  const found = await counts('few');
  expect(found.is_complete).toBe(true);
  expect(Date.parse(found.since)).toBeGreaterThan(daysAgo(7.01).getTime());
  expect(sum(found)).toBeGreaterThanOrEqual(209);
  expect(sum(found)).toBeLessThanOrEqual(211);
  const last = Object.fromEntries(found.data.map(({ type, last_event_id: id }: Json) => [type, id]));
  expect(last).toEqual({ 'type.0': 'own-300', 'type.1': 'own-298', 'type.2': 'own-299' });
  expect(sum(await counts('few', `?since=${daysAgo(30).toISOString()}`))).toBe(300);
  expect(await counts('nobody')).toMatchObject({ data: [], is_complete: true });
});

it('of as many events as can be counted at once, the newest, and says that there are more', async () => {
  const found = await counts('many');
  expect(found.is_complete).toBe(false);
  expect(sum(found)).toBe(COUNTED);
});

it('of so many types, those that came most', async () => {
  expect((await counts('types')).data).toHaveLength(200);
});

it('of a month at most, whatever is asked for', async () => {
  const { since } = await counts('few', '?since=2020-01-01T00:00:00Z');
  expect(Date.parse(since)).toBeGreaterThan(daysAgo(31.01).getTime());
  expectProblem(await rig.call('GET', '/v1/tenants/few/event-counts?since=yesterday'), 422, 'since');
});

it('reads no more of the table than that', async () => {
  const pool = createPool(rig.databaseUrl, 1);
  await pool.query('ANALYZE events');
  const [{ uid }] = (await rig.sql(`SELECT max(uid) AS uid FROM events WHERE tenant_id = 'other'`)) as [Json];
  // Of one day's index, not of all of them.
  expect(await pagesOf(pool, (db) => eventIdsByUid(db, 'other', [uid]))).toBeLessThan(2 * 3);
  await pool.end();
});
