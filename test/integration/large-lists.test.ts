/** Lists of many rows: no filter makes a page look at more than a few thousand of them. */
import pg from 'pg';
import { beforeAll, expect, it } from 'vitest';
import { lowestIdAt } from '../../src/ids.ts';
import { STATUSES } from '../../src/lifecycle.ts';
import { listDeliveries, type DeliveryFilter } from '../../src/store/list-deliveries.ts';
import { listEndpointAttempts, type AttemptFilter } from '../../src/store/list-endpoint-attempts.ts';
import { listEvents, type EventFilter } from '../../src/store/list-events.ts';
import { SCANNED_PER_PAGE } from '../../src/store/list-page.ts';
import { createPartitionsAhead } from '../../src/store/days-ahead.ts';
import { DAY_MS } from '../../src/store/partitions.ts';
import type { Queryable } from '../../src/store/pool.ts';
import { useRig, type Json } from '../support/rig.ts';

const rig = useRig();
const ROWS = 30_000;
const DAYS = 30;
const TENANT = 'large';

beforeAll(async () => {
  const query = ({ text, values }: pg.QueryConfig) => rig.sql(text, ...(values ?? []));
  const db = { query: async (config: pg.QueryConfig) => ({ rows: await query(config) }) } as never;
  for (let day = 0; day < DAYS; day += 1)
    await createPartitionsAhead(db, new Date(Date.now() - day * DAY_MS));
  // Spread over the days; the first is the only one of its type and environment.
  const at = `to_timestamp((extract(epoch FROM now()) - (${ROWS} - n)::float8 * ${(DAYS * 86_400) / ROWS})::bigint)`;
  const id = (prefix: string) =>
    `'${prefix}_' || lpad(to_hex((extract(epoch FROM ${at}) * 1000)::bigint), 12, '0') || lpad(n::text, 20, '0')`;
  const what = `CASE n WHEN 1 THEN 'rare.one' ELSE 'a.b' END, CASE n WHEN 1 THEN 'staging' ELSE 'production' END`;
  await rig.sql(`INSERT INTO tenants (id) VALUES ('${TENANT}')`);
  await rig.sql(
    `INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
     SELECT '${TENANT}', ${id('evt')}, ${id('evt')}, ${what}, ${at}, '{}', ${at} FROM generate_series(1, ${ROWS}) n`,
  );
  await rig.sql(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                             workflow_id, created_at)
     SELECT '${TENANT}', ${id('dlv')}, ${id('evt')}, ${id('evt')}, 'ep_' || n % 10, ${what}, 'schedule',
            CASE n WHEN 2 THEN 'failed' ELSE 'succeeded' END, 'w', ${at} FROM generate_series(1, ${ROWS}) n`,
  );
  await rig.sql(
    `INSERT INTO attempts (tenant_id, delivery_id, number, trigger, started_at, duration_ms, url, method, status_code,
                           error_class, request_headers, response_headers, response_body_bytes, endpoint_id)
     SELECT '${TENANT}', ${id('dlv')}, 1, 'schedule', ${at}, 1, '', 'POST', CASE n WHEN 2 THEN 500 ELSE 200 END,
            CASE n WHEN 2 THEN 'http' END, '{}', '{}', 0, 'ep_' || CASE WHEN n < 20 THEN n % 10 ELSE 3 END
       FROM generate_series(1, ${ROWS}) n`,
  );
  await rig.sql('ANALYZE');
}, 120_000);

/** Runs statements and adds up the pages they touched. */
function counting(): { db: Queryable; pages(): number } {
  let pages = 0;
  const query = async ({ text, values }: pg.QueryConfig) => {
    const explain = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`;
    const [{ 'QUERY PLAN': plan }] = await rig.sql<Json>(explain, ...(values ?? []));
    pages += plan[0].Plan['Shared Hit Blocks'] + plan[0].Plan['Shared Read Blocks'];
    return { rows: await rig.sql(text, ...(values ?? [])) };
  };
  return { db: { query } as never, pages: () => pages };
}

/** A row looked at is two pages at the worst; each day's indexes have a few more. */
const MOST_PAGES = 3 * SCANNED_PER_PAGE;
const halfway = new Date(Date.now() - (DAYS / 2) * DAY_MS);

const choices: [keyof DeliveryFilter, unknown[]][] = [
  ['statuses', [undefined, ...STATUSES.map((status) => [status])]],
  ['endpointId', [undefined, 'ep_3', 'ep_none']],
  ['eventType', [undefined, 'rare.one', 'none']],
  ['environment', [undefined, 'staging']],
  ['since', [undefined, halfway]],
  ['until', [undefined, halfway]],
];
let filters: DeliveryFilter[] = [{}];
for (const [name, values] of choices)
  filters = filters.flatMap((so) => values.map((value) => ({ ...so, [name]: value })));

it('no combination of filters makes a page of deliveries look at all rows', async () => {
  let most = 0;
  for (const filter of filters.filter((_, index) => index % 5 === 0)) {
    const { db, pages } = counting();
    await listDeliveries(db, TENANT, filter, 50, null);
    expect(pages(), JSON.stringify(filter)).toBeLessThan(MOST_PAGES);
    most = Math.max(most, pages());
  }
  expect(most).toBeGreaterThan(0);
}, 120_000);

it('what an index serves is found at once', async () => {
  const filters: DeliveryFilter[] = [
    {},
    { statuses: ['failed'] },
    { endpointId: 'ep_3' },
    { endpointId: 'ep_2', statuses: ['failed'] },
  ];
  for (const filter of filters) {
    const { db, pages } = counting();
    const { rows } = await listDeliveries(db, TENANT, filter, 50, null);
    expect(rows.length, JSON.stringify(filter)).toBe(filter.statuses ? 1 : 50);
    expect(pages(), JSON.stringify(filter)).toBeLessThan(500);
  }
});

it('the same goes for the attempts of an endpoint, and failures among them are found at once', async () => {
  const endpointId = 'ep_3';
  const many: AttemptFilter[] = [
    { endpointId },
    { endpointId, since: halfway },
    { endpointId, until: halfway },
  ];
  for (const filter of many) {
    const { db, pages } = counting();
    const { rows } = await listEndpointAttempts(db, TENANT, filter, 50, null);
    expect(rows, JSON.stringify(filter)).toHaveLength(50);
    // With the events of their deliveries.
    expect(pages(), JSON.stringify(filter)).toBeLessThan(1_000);
  }
  const { db, pages } = counting();
  expect(
    (await listEndpointAttempts(db, TENANT, { endpointId, statuses: [[204, 204]] }, 50, null)).rows,
  ).toEqual([]);
  expect(pages()).toBeLessThan(MOST_PAGES);
  for (const [filter, found] of [
    [{ endpointId: 'ep_2', statuses: [[500, 599]] }, 1],
    [{ endpointId, statuses: [[500, 599]] }, 0],
    [{ endpointId, errorClasses: ['timeout'] }, 0],
  ] as [AttemptFilter, number][]) {
    const { db, pages } = counting();
    expect((await listEndpointAttempts(db, TENANT, filter, 50, null)).rows).toHaveLength(found);
    expect(pages(), JSON.stringify(filter)).toBeLessThan(200);
  }
});

it('the same goes for events', async () => {
  for (const filter of [
    {},
    { type: 'rare.one' },
    { environment: 'staging' },
    { type: 'none', since: halfway },
  ]) {
    const { db, pages } = counting();
    await listEvents(db, TENANT, filter as EventFilter, 50, null);
    expect(pages(), JSON.stringify(filter)).toBeLessThan(MOST_PAGES);
  }
});

it.each(['deliveries?event_type=rare.one', 'events?type=rare.one'])(
  'following next_cursor finds what is rare, page after page: %s',
  async (list) => {
    const found: Json[] = [];
    let pages = 0;
    for (let cursor = ''; ; pages += 1) {
      const { status, body } = await rig.call('GET', `/v1/tenants/${TENANT}/${list}${cursor}`);
      expect(status).toBe(200);
      found.push(...body.data);
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(found).toHaveLength(1);
    expect(pages).toBe(ROWS / SCANNED_PER_PAGE);
  },
);

it('a list that takes too long is answered in words, and keeps nobody from publishing', async () => {
  const holder = new pg.Client({ connectionString: rig.databaseUrl });
  await holder.connect();
  await holder.query('BEGIN');
  // What a list of another time does not touch.
  const oldest = lowestIdAt('dlv', new Date(Date.now() - (DAYS - 2) * DAY_MS));
  const [{ tableoid }] = await rig.sql<Json>(
    'SELECT tableoid::regclass::text AS tableoid FROM deliveries WHERE id < $1 LIMIT 1',
    oldest,
  );
  await holder.query(`LOCK TABLE ${tableoid} IN ACCESS EXCLUSIVE MODE`);
  const lists = Array.from({ length: 3 }, () => rig.call('GET', `/v1/tenants/${TENANT}/deliveries`));
  expect((await rig.call('POST', `/v1/tenants/other/events`, { type: 'a.b', data: {} })).status).toBe(202);
  for (const answer of await Promise.all(lists)) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.body.detail).toContain('takes too long');
  }
  await holder.query('ROLLBACK');
  await holder.end();
}, 60_000);
