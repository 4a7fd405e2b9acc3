/** What is read by endpoint goes through the endpoint's own index, whatever Postgres knows of the tables, and how much. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPartitionsAhead } from '../../src/store/days-ahead.ts';
import { laneHeads } from '../../src/store/lane-heads.ts';
import { laneNews } from '../../src/store/lane-news.ts';
import { listEndpointAttempts, type AttemptFilter } from '../../src/store/list-endpoint-attempts.ts';
import { DAY_MS } from '../../src/store/partitions.ts';
import type { Queryable } from '../../src/store/pool.ts';
import { beginningOf, findSources } from '../../src/store/replay-sources.ts';
import { pagesOf, type Planning } from '../support/plans.ts';
import { createDatabase } from '../support/posthorn.ts';

const ROWS = 120_000;
const DAYS = 6;
const KEYS = 20_000;
const ENDPOINTS = ['ep_big', 'ep_few', 'ep_none', 'ep_other_7'];

let pool: pg.Pool;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await createDatabase(), max: 2 });
  for (let day = 0; day < DAYS; day += 1)
    await createPartitionsAhead(pool, new Date(Date.now() - day * DAY_MS));
  // Half of all is for one endpoint, and a few are for another. Nothing is known of the tables until they are analyzed.
  const rows = `
    SELECT n, to_timestamp(extract(epoch FROM now()) - (${ROWS} - n)::float8 * ${(DAYS - 1) * 86_400} / ${ROWS}) AS at,
           CASE WHEN n % ${ROWS / 30} = 7 THEN 'ep_few' WHEN n % 2 = 0 THEN 'ep_big' ELSE 'ep_other_' || n % 500 END AS endpoint_id
      FROM generate_series(1, ${ROWS}) n`;
  const id = `'dlv_' || lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || lpad(n::text, 20, '0')`;
  await pool.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             workflow_id, created_at)
     SELECT 't', ${id}, 'evt_1', 'evt_1', endpoint_id, 'a.b', 'production', 'schedule', 'succeeded', 'w', at FROM (${rows}) r`,
  );
  await pool.query(
    `INSERT INTO attempts (tenant_id, delivery_id, number, trigger, started_at, duration_ms, url, method, status_code,
                           error_class, request_headers, response_headers, response_body_bytes, endpoint_id)
     SELECT 't', ${id}, 1, 'schedule', at, 1, '', 'POST', CASE WHEN n % 100 = 1 THEN 500 ELSE 200 END,
            CASE WHEN n % 100 = 1 THEN 'http' END, '{}', '{}', 0, endpoint_id FROM (${rows}) r`,
  );
  // A lane: every key has a head that waits for hours, and one delivery behind it.
  await pool.query(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             next_attempt_at, lane_key, lane_place, created_at)
     SELECT 't', 'dlv_' || lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || lpad(n::text, 20, '0'), 'evt_1',
            'evt_1', 'ep_lane', 'a.b', 'production', 'schedule', CASE WHEN n <= ${KEYS} THEN 'retrying' ELSE 'pending' END,
            CASE WHEN n <= ${KEYS} THEN now() + interval '9 hours' END, 'key-' || n % ${KEYS}, n, now()
       FROM generate_series(1, ${2 * KEYS}) n`,
  );
}, 180_000);
afterAll(() => pool.end());

const FILTERS: Omit<AttemptFilter, 'endpointId'>[] = [
  ...[{}, { statuses: [[200, 299]] as [number, number][] }, { statuses: [[404, 404]] as [number, number][] }],
  ...[{ errorClasses: ['http' as const] }, { errorClasses: ['dns' as const] }],
  ...[{ since: new Date(Date.now() - 3 * DAY_MS) }, { until: new Date(Date.now() - 2 * DAY_MS) }],
];
const halfway = { startedAt: new Date(Date.now() - 2 * DAY_MS), deliveryId: 'dlv_f', number: 1 };

describe.each<[string, string]>([
  ['before anything is known of the tables', 'SELECT 1'],
  ['with what Postgres finds out about them', 'ANALYZE deliveries; ANALYZE attempts'],
])('%s', (_, statement) => {
  beforeAll(() => pool.query(statement));

  const each = ENDPOINTS.flatMap((endpointId) =>
    (['generic', 'custom'] as const).map((planning): [string, Planning] => [endpointId, planning]),
  );

  it.each(each)('a page of what a replay of %s repeats, by a %s plan', async (endpointId, planning) => {
    const filter = { ...{ id: '', tenantId: 't', endpointId, kind: 'all' as const, eventTypes: null } };
    const range = { since: new Date(Date.now() - 5 * DAY_MS), until: new Date() };
    const looking = { ...filter, ...range, statuses: ['succeeded' as const, 'failed' as const] };
    const look = (db: Queryable) => findSources(db, looking, beginningOf(looking));
    // A thousand rows, some on a page of their own; and a few pages of each day's index.
    expect(await pagesOf(pool, look, planning)).toBeLessThan(1_500);
  });

  it.each(each)('a page of the attempts at %s, by a %s plan', async (endpointId, planning) => {
    for (const filter of FILTERS) {
      for (const before of [null, halfway]) {
        const list = (db: Queryable) => listEndpointAttempts(db, 't', { endpointId, ...filter }, 50, before);
        const isFiltered = 'statuses' in filter || 'errorClasses' in filter;
        // Filtered, it looks at some thousands of rows at most; else at those that it shows.
        const most = isFiltered ? 6_500 : 600;
        expect(await pagesOf(pool, list, planning), JSON.stringify(filter)).toBeLessThan(most);
      }
    }
  });

  it('what has come into a lane with many keys, or is due, is found without looking at the others', async () => {
    const look = (since: number) => pagesOf(pool, (db) => laneNews(db, 'ep_lane', since, 200));
    expect(await look(2 * KEYS)).toBeLessThan(100);
    expect(await look(2 * KEYS - 10)).toBeLessThan(1_000);
    await pool.query(
      `UPDATE deliveries SET next_attempt_at = now() - interval '1 second' WHERE endpoint_id = 'ep_lane' AND lane_place = 5`,
    );
    const { heads, place } = await laneNews(pool, 'ep_lane', 2 * KEYS - 2, 200);
    expect(heads.map(({ key }) => key).toSorted()).toEqual(['key-0', `key-${KEYS - 1}`, 'key-5'].toSorted());
    expect(place).toBe(2 * KEYS);
    // A page of heads is bounded, too.
    const page = await pagesOf(pool, (db) => laneHeads(db, 'ep_lane', 'key-5', 200));
    expect(page).toBeLessThan(200 * 60);
  });
});
