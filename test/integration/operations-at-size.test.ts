/** What operators look at is bounded, however many tenants, endpoints and notices there are. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFailingEndpoints, type FailingPosition } from '../../src/store/list-failing-endpoints.ts';
import { listNotices, type NoticeFilter } from '../../src/store/list-notices.ts';
import { SCANNED_PER_PAGE } from '../../src/store/list-page.ts';
import { readTenantVolumes } from '../../src/store/tenant-volumes.ts';
import { pagesOf, type Planning } from '../support/plans.ts';
import { createDatabase } from '../support/posthorn.ts';

const TENANTS = 1_000;
/** Each with an endpoint of its own, for two days. */
const HOURS = 48;
const FAILING = 30_000;

let pool: pg.Pool;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await createDatabase(), max: 2 });
  await pool.query(
    `INSERT INTO stats (tenant_id, endpoint_id, per, starts_at, attempts, failed, status_codes, error_classes, durations)
     SELECT 't' || t, e, 'hour', date_trunc('hour', now()) - h * interval '1 hour', t, 0, '{"200": 1}', '{}', '{"20": 1}'
       FROM generate_series(0, ${HOURS - 1}) h, generate_series(1, ${TENANTS}) t, unnest(ARRAY['*', 'ep_1']) e`,
  );
  await pool.query(
    `INSERT INTO failing_endpoints (tenant_id, endpoint_id, since)
     SELECT 't' || n % ${TENANTS}, 'ep_' || n, now() - n * interval '1 second' FROM generate_series(1, ${FAILING}) n`,
  );
  await pool.query(
    `INSERT INTO notices (tenant_id, id, endpoint_id, kind, status, opened_at)
     SELECT 't' || n % ${TENANTS}, 'ntc_' || lpad(n::text, 32, '0'), 'ep_' || n, 'endpoint.failing', 'sent', now()
       FROM generate_series(1, ${FAILING}) n`,
  );
}, 120_000);
afterAll(() => pool.end());

describe.each<[string, string]>([
  ['before anything is known of the tables', 'SELECT 1'],
  ['with what Postgres finds out about them', 'ANALYZE'],
])('%s', (_, statement) => {
  beforeAll(() => pool.query(statement));
  const plans: [Planning][] = [['generic'], ['custom']];

  it.each(plans)('tenants by volume look at two rows of each, by a %s plan', async (planning) => {
    const pages = await pagesOf(pool, (db) => volumesOf(db), planning);
    // Of an hour before the last the rows have not been looked at, nor those of endpoints.
    expect(pages).toBeLessThan(2 * TENANTS + 500);
    const { rows } = await readTenantVolumes(pool, 'hour', 2);
    expect(rows.map(({ tenantId, attempts }) => [tenantId, attempts])).toEqual([
      [`t${TENANTS}`, 2 * TENANTS],
      [`t${TENANTS - 1}`, 2 * (TENANTS - 1)],
    ]);
  });

  it.each(plans)('a page of failing endpoints looks at what it shows, by a %s plan', async (planning) => {
    const halfway: FailingPosition = {
      sinceMicroseconds: String((Date.now() - (FAILING / 2) * 1_000) * 1_000),
      endpointId: 'ep_1',
    };
    for (const before of [null, halfway])
      expect(await pagesOf(pool, (db) => listFailingEndpoints(db, 50, before), planning)).toBeLessThan(250);
  });

  it.each(plans)(
    'a page of all notices looks at what it shows, or a bounded number, by a %s plan',
    async (planning) => {
      const halfway = `ntc_${String(FAILING / 2).padStart(32, '0')}`;
      const page = (filter: NoticeFilter, before: string | null) =>
        pagesOf(pool, (db) => listNotices(db, null, filter, 50, before), planning);
      for (const before of [null, halfway]) {
        expect(await page({}, before)).toBeLessThan(200);
        expect(await page({ statuses: ['not_sent'] }, before)).toBeLessThan(3 * SCANNED_PER_PAGE);
      }
    },
  );
});

/** As a generic plan without rows has nothing to read its first from. */
async function volumesOf(db: Parameters<typeof readTenantVolumes>[0]): Promise<void> {
  await readTenantVolumes(db, 'hour', 50).catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
  });
}
