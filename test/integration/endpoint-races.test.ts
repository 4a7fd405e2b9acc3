/** Two changes of an endpoint at once, each decided by a process of its own: what one decides holds for the row as the other leaves it. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
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

describe('a change of what was read before somebody else changed it', () => {
  const asOf = (updatedAt: string) => ({ 'if-match': `"${updatedAt}"` });

  async function read() {
    const tenant = newTenant();
    const auth = { type: 'bearer', token: 'token-of-old' };
    const { id } = await rig.endpoint(tenant, '/x', { auth });
    const path = `/v1/tenants/${tenant}/endpoints/${id}`;
    const get = async () => (await rig.call('GET', path)).body as Json;
    return { path, get, seen: (await get()).updated_at as string };
  }

  it('is refused where it says what it had read, and done where it does not', async () => {
    const { path, get, seen } = await read();
    const first = await rig.call('PATCH', path, { name: 'first' }, asOf(seen));
    expect(first.status).toBe(200);
    const refused = await rig.call('PATCH', path, { name: 'second' }, asOf(seen));
    expectProblem(refused, 412);
    expect(refused.body).toMatchObject({ code: 'changed_meanwhile' });
    expect((await get()).name).toBe('first');
    expect((await rig.call('PATCH', path, { name: 'third' }, asOf(first.body.updated_at))).status).toBe(200);
    expect((await rig.call('PATCH', path, { name: 'fourth' }, { 'if-match': '*' })).status).toBe(200);
    expect((await rig.call('PATCH', path, { name: 'fifth' })).status).toBe(200);
    expectProblem(await rig.call('PATCH', path, { name: 'x' }, { 'if-match': 'seen' }), 422, 'If-Match');
  });

  it('is refused for all but one of many at once', async () => {
    const { path, get, seen } = await read();
    const tokens = Array.from({ length: 8 }, (_, n) => `token-number-${n}`);
    const answers = await Promise.all(
      tokens.map((token) => rig.call('PATCH', path, { auth: { type: 'bearer', token } }, asOf(seen))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    const done = answers.find(({ status }) => status === 200)!;
    expect((await get()).updated_at).toBe(done.body.updated_at);
  });

  it('is told apart from another of the same millisecond', async () => {
    const { path, get } = await read();
    // As if the clock of Postgres had been set back since.
    await rig.sql(
      `UPDATE endpoints SET updated_at = updated_at + interval '1 hour' WHERE id = $1`,
      path.split('/').at(-1)!,
    );
    const before = (await get()).updated_at;
    await rig.call('PATCH', path, { name: 'other' });
    expectProblem(await rig.call('PATCH', path, { name: 'x' }, asOf(before)), 412);
  });
});
