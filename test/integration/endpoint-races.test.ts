/** Two changes of an endpoint at once, each decided by a process of its own: what one decides holds for the row as the other leaves it. */
import pg from 'pg';
import { expect, it } from 'vitest';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

/** Sends the patches, has them all decided up to the row's lock, changes the row before them, and lets them go on. */
async function overtaken(settings: object, change: string, ...patches: object[]) {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/x', settings);
  const path = `/v1/tenants/${tenant}/endpoints/${id}`;
  const other = new pg.Client({ connectionString: rig.databaseUrl });
  await other.connect();
  await other.query('BEGIN');
  await other.query(`UPDATE endpoints SET ${change} WHERE id = $1`, [id]);
  const answers = patches.map((patch) => rig.call('PATCH', path, patch));
  await until(
    () =>
      rig.sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
    (waiting) => waiting.length === patches.length,
  );
  await other.query('COMMIT');
  await other.end();
  const answered = await Promise.all(answers);
  return { answered, endpoint: (await rig.call('GET', path)).body as Json };
}

it('a delay does not come to an interval that is not "fixed" any more', async () => {
  const { answered, endpoint } = await overtaken(
    { retry_interval: 'fixed', retry_delay_seconds: 5 },
    `retry_interval = 'exponential', retry_delay_seconds = NULL`,
    { retry_delay_seconds: 30 },
  );
  expectProblem(answered[0]!, 422, 'retry_delay_seconds');
  expect(endpoint).toMatchObject({ retry_interval: 'exponential', retry_delay_seconds: null });
});

it('a url is checked with the addresses that are allowed by then', async () => {
  const change = `allowed_ips = ARRAY['203.0.113.1']`;
  const { answered, endpoint } = await overtaken({}, change, { url: `${rig.receiver.url}/other` });
  expectProblem(answered[0]!, 422, 'url');
  expect(endpoint.url).toBe(`${rig.receiver.url}/x`);
});

it('two that ask for a signing key get the same one', async () => {
  const both = { signature: 'both' };
  const { answered, endpoint } = await overtaken({}, `name = 'x'`, both, both);
  expect(endpoint.public_key).toMatch(/./);
  for (const { body } of answered) expect(body).toMatchObject({ name: 'x', public_key: endpoint.public_key });
});

it('one that nothing of it concerns is not refused', async () => {
  const { answered, endpoint } = await overtaken({}, `retry_interval = 'fixed'`, { name: 'new' });
  expect(answered[0]!.status).toBe(200);
  expect(endpoint).toMatchObject({ name: 'new', retry_interval: 'fixed' });
});
