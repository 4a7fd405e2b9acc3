/** Tables as they are after a month: every day's partitions with their share of the rows. */
import pg from 'pg';
import { createPartitionsAhead } from '../../src/store/days-ahead.ts';
import { boundsOf, DAY_MS, dayName, dayStart } from '../../src/store/partitions.ts';

export interface Filling {
  databaseUrl: string;
  /** Deliveries; each has an event and an attempt. */
  rows: number;
  /** Half of the rows are this tenant's; the rest belongs to forty others. */
  tenantId: string;
  /** Its endpoints. What is for the last one is held now and then: that one is to be disabled. */
  endpointIds: string[];
}

/** Yesterday and before; the oldest is over its time (RETENTION_DAYS is 30). */
const DAYS = 31;

/** Of row `n` of a day: $1 tenant, $2 its endpoints, $3 when the day begins (ms), $4 ms from row to row. */
const ROW = `
  SELECT n, (n % 100 < 50) AS is_big, ($3::bigint + (n * $4::float8)::bigint) AS ms,
         CASE WHEN n % 100 < 50 THEN $1 ELSE 'other-' || n % 40 END AS tenant_id,
         CASE WHEN n % 100 < 50 THEN ($2::text[])[1 + n / 100 % array_length($2::text[], 1)] ELSE 'ep_other_' || n % 40 END AS endpoint_id,
         CASE WHEN n % 10000 = 40 THEN 'rare.type' ELSE 'order.type_' || n % 20 END AS type,
         CASE WHEN n % 97 = 0 THEN 'staging' ELSE 'production' END AS environment`;
const id = (prefix: string): string =>
  `'${prefix}_' || lpad(to_hex(r.ms), 12, '0') || lpad(to_hex(r.n), 20, '0')`;
const AT = 'to_timestamp(r.ms / 1000.0)';

const INSERTS = [
  `INSERT INTO events (tenant_id, uid, id, type, environment, "timestamp", data, created_at)
   SELECT r.tenant_id, ${id('evt')}, ${id('evt')}, r.type, r.environment, ${AT},
          '{"n":' || r.n || ',"text":"' || repeat('x', 200) || '"}', ${AT} FROM r`,
  `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status,
                           attempt_count, scheduled_count, last_status_code, created_at, completed_at)
   SELECT r.tenant_id, ${id('dlv')}, ${id('evt')}, ${id('evt')}, r.endpoint_id, r.type, r.environment, 'schedule',
          CASE WHEN r.endpoint_id = ($2::text[])[array_length($2::text[], 1)] AND r.n % 7 = 0 THEN 'held'
               WHEN r.n % 1000 < 15 THEN 'failed' WHEN r.n % 1000 < 17 THEN 'cancelled' ELSE 'succeeded' END,
          1, 1, 200, ${AT}, ${AT} FROM r`,
  `INSERT INTO attempts (tenant_id, delivery_id, number, trigger, started_at, duration_ms, url, method, status_code,
                         request_headers, response_headers, response_body, response_body_bytes, endpoint_id, first_byte_ms)
   SELECT r.tenant_id, ${id('dlv')}, 1, 'schedule', ${AT}, 12, 'https://receiver.test/hooks', 'POST', 200,
          '{"content-type":"application/json","webhook-id":"x","webhook-signature":"v1,xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}',
          '{"content-type":"text/plain"}', 'ok', 2, r.endpoint_id, 11 FROM r`,
];

export async function fill({ databaseUrl, rows, tenantId, endpointIds }: Filling): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SET synchronous_commit = off');
    await client.query(`INSERT INTO tenants (id) SELECT 'other-' || n FROM generate_series(0, 39) n`);
    const perDay = Math.ceil(rows / DAYS);
    for (let ago = DAYS; ago >= 1; ago -= 1) {
      const day = dayName(new Date(Date.now() - ago * DAY_MS));
      await createPartitionsAhead(client, dayStart(day));
      const values = [tenantId, endpointIds, dayStart(day).getTime(), (DAY_MS - 1) / perDay];
      for (const insert of INSERTS)
        await client.query(`WITH r AS (${ROW} FROM generate_series(0, ${perDay - 1}) n) ${insert}`, values);
      for (const { table } of boundsOf(day)) await client.query(`VACUUM (ANALYZE) ${table}_${day}`);
    }
    for (const table of ['events', 'deliveries', 'attempts']) await client.query(`ANALYZE ${table}`);
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}
