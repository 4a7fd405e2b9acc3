/** What an endpoint held, released at a rate or discarded, through the API and the workflow that does it. */
import { expect, it } from 'vitest';
import { createPool, type Pool } from '../../src/store/pool.ts';
import { stepRelease } from '../../src/store/releases.ts';
import { describe } from '../support/concurrent.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

const WAITS_FOR_LOCK = `
  SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ '(UPDATE|FROM) endpoints'`;

interface Holding {
  tenant: string;
  path: string;
  id: string;
  base: string;
  /** Ids of the events it holds. */
  held: string[];
  enable(body?: object): Promise<Json>;
  get(): Promise<Json>;
}

/** A disabled endpoint that holds so many events. */
async function holding(count: number, settings: object = {}): Promise<Holding> {
  const tenant = newTenant();
  const path = `/${tenant}`;
  const { id } = await rig.endpoint(tenant, path, { enabled: false, ...settings });
  const base = `/v1/tenants/${tenant}/endpoints/${id}`;
  const held: string[] = [];
  for (let n = 0; n < count; n += 1) held.push((await rig.publish(tenant, { data: { n } })).id);
  return {
    ...{ tenant, path, id, base, held },
    async enable(body) {
      const answer = await rig.call('POST', `${base}/enable`, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      return answer.body;
    },
    get: async () => (await rig.call('GET', base)).body,
  };
}

const received = (path: string) => rig.receiver.at(path).map(({ headers }) => headers['webhook-id']);

/** Makes so many held deliveries of an endpoint more out of one it has. */
const multiply = (endpointId: string, count: number) =>
  rig.sql(
    `INSERT INTO deliveries (tenant_id, id, event_uid, event_id, endpoint_id, event_type, environment, trigger, status, created_at)
     SELECT tenant_id, left(id, 16) || lpad(to_hex(n), 20, '0'), event_uid, event_id, endpoint_id, event_type, environment,
            trigger, status, created_at
       FROM (SELECT * FROM deliveries WHERE endpoint_id = $1 ORDER BY id LIMIT 1) d, generate_series(1, $2::int) n`,
    endpointId,
    count,
  );

describe('an endpoint that is enabled at a rate', () => {
  it('says what it holds and since when, and gets it in order, with what comes meanwhile after it', async () => {
    const endpoint = await holding(20, { max_in_flight: 1 });
    const before = await endpoint.get();
    expect(before.held).toMatchObject({ count: 20, is_more: false, release: null });
    expect(Math.abs(Date.parse(before.held.since) - Date.now())).toBeLessThan(60_000);
    const enabled = await endpoint.enable({ per_second: 20 });
    expect(enabled).toMatchObject({ enabled: true, held: { release: { kind: 'deliver', per_second: 20 } } });
    const { body: list } = await rig.call('GET', `/v1/tenants/${endpoint.tenant}/endpoints`);
    expect(list.data[0].held.release).toMatchObject({ per_second: 20 });
    const startedAtMs = Date.now();
    const later = await rig.publish(endpoint.tenant);
    const all = await rig.calls(endpoint.path, 21);
    expect(received(endpoint.path)).toEqual([...endpoint.held, later.id]);
    // 21 at 20 a second; the first second's may have come together.
    expect(all.at(-1)!.atMs - startedAtMs).toBeGreaterThan(600);
    const after = await until(
      () => endpoint.get(),
      ({ held }) => held.release === null,
    );
    expect(after.held).toEqual({ count: 0, is_more: false, since: null, release: null });
    await rig.publish(endpoint.tenant);
    await rig.calls(endpoint.path, 22);
    expect(await rig.workflowResult(`${rig.config.taskQueue}-release-${endpoint.id}`)).toEqual({
      released: 21,
    });
  });

  it('keeps what is left when it is disabled again, and gets it at once when it is enabled without a rate', async () => {
    const endpoint = await holding(20);
    await endpoint.enable({ per_second: 5 });
    await rig.calls(endpoint.path, 1);
    await rig.call('POST', `${endpoint.base}/disable`);
    const off = await endpoint.get();
    expect(off).toMatchObject({ enabled: false, held: { release: null } });
    expect(off.held.count).toBeGreaterThan(5);
    await endpoint.enable({ per_second: 0.01 });
    await endpoint.enable();
    await rig.calls(endpoint.path, 20);
    expect(new Set(received(endpoint.path))).toEqual(new Set(endpoint.held));
    expect(received(endpoint.path)).toHaveLength(20);
  });

  it('of two such wishes at once gets one or the other, and everything once', async () => {
    const endpoint = await holding(10);
    await Promise.all([50, 60, 70].map((rate) => endpoint.enable({ per_second: rate })));
    await rig.calls(endpoint.path, 10);
    await until(
      () => endpoint.get(),
      ({ held }) => held.release === null,
    );
    expect(received(endpoint.path)).toHaveLength(10);
  });

  it('goes on when its workflow was terminated', async () => {
    const endpoint = await holding(10);
    await endpoint.enable({ per_second: 1 });
    await rig.calls(endpoint.path, 1);
    await rig.temporal.workflow.getHandle(`${rig.config.taskQueue}-release-${endpoint.id}`).terminate();
    await rig.sql(
      `UPDATE releases SET per_second = 100, touched_at = now() - interval '2 minutes' WHERE endpoint_id = $1`,
      endpoint.id,
    );
    await rig.calls(endpoint.path, 10);
  });

  it('can be deleted on the way', async () => {
    const endpoint = await holding(10);
    await endpoint.enable({ per_second: 1 });
    expect((await rig.call('DELETE', endpoint.base)).status).toBe(204);
    const statuses = await rig.sql(
      'SELECT DISTINCT status FROM deliveries WHERE endpoint_id = $1',
      endpoint.id,
    );
    expect(statuses.map(({ status }) => status)).not.toContain('held');
  });

  it('sends a held delivery at once that is retried by hand, and no other', async () => {
    const endpoint = await holding(5);
    await endpoint.enable({ per_second: 0.01 });
    const [last] = await rig.sql(`SELECT max(id) AS id FROM deliveries WHERE endpoint_id = $1`, endpoint.id);
    expect(
      (await rig.call('POST', `/v1/tenants/${endpoint.tenant}/deliveries/${last.id}/retry`)).status,
    ).toBe(202);
    await rig.settled(endpoint.tenant, last.id, 'succeeded');
    expect(received(endpoint.path)).toEqual([endpoint.held.at(-1)]);
    expect((await endpoint.get()).held.count).toBe(4);
  });
});

describe('an endpoint that is enabled with what it held discarded', () => {
  it('gets nothing of it, and what comes then', async () => {
    const endpoint = await holding(5);
    expect(await endpoint.enable({ held: 'discard' })).toMatchObject({ enabled: true, held: { count: 0 } });
    const later = await rig.publish(endpoint.tenant);
    await rig.calls(endpoint.path, 1);
    expect(received(endpoint.path)).toEqual([later.id]);
    const { body } = await rig.call('GET', `/v1/tenants/${endpoint.tenant}/deliveries?status=cancelled`);
    expect(body.data).toHaveLength(5);
    expect(body.data[0].completed_at).not.toBe(null);
  });

  it('has a workflow discard what is too much for one transaction, and sends what comes meanwhile', async () => {
    const endpoint = await holding(1);
    await multiply(endpoint.id, 22_000);
    expect((await endpoint.get()).held).toMatchObject({ count: 22_001, is_more: false });
    const { body: list } = await rig.call('GET', `/v1/tenants/${endpoint.tenant}/endpoints`);
    expect(list.data[0].held).toMatchObject({ count: 1_000, is_more: true });
    expect((await endpoint.enable({ held: 'discard' })).held.release).toMatchObject({ kind: 'discard' });
    const later = await rig.publish(endpoint.tenant);
    await until(
      () => endpoint.get(),
      ({ held }) => held.release === null,
    );
    await rig.calls(endpoint.path, 1);
    expect(received(endpoint.path)).toEqual([later.id]);
    const [row] = await rig.sql(
      `SELECT count(*)::int AS n FROM deliveries WHERE endpoint_id = $1 AND status = 'cancelled'`,
      endpoint.id,
    );
    expect(row.n).toBe(22_001);
  });
});

describe('refused is to enable', () => {
  it.each([
    [{ per_second: 0 }, 'per_second'],
    [{ per_second: '5' }, 'per_second'],
    [{ held: 'keep' }, 'held'],
    [{ held: 'discard', per_second: 5 }, 'per_second'],
    [{ rate: 5 }, 'rate'],
  ])('%j', async (body, path) => {
    const endpoint = await holding(0);
    expectProblem(await rig.call('POST', `${endpoint.base}/enable`, body), 422, path);
    expect((await endpoint.get()).enabled).toBe(false);
  });
});

it('a step that is held up discards nothing that was accepted after the endpoint was disabled', async () => {
  const endpoint = await holding(1);
  await rig.sql(`UPDATE endpoints SET enabled = true, release = 'discard' WHERE id = $1`, endpoint.id);
  await rig.sql(
    'INSERT INTO releases (tenant_id, endpoint_id) VALUES ($1, $2)',
    endpoint.tenant,
    endpoint.id,
  );
  const pool = createPool(rig.databaseUrl, 1, 'kept');
  try {
    const client = await pool.connect();
    const query = client.query.bind(client) as (config: unknown) => Promise<unknown>;
    let disabled: Promise<unknown> | undefined;
    // Somebody disables it when the step has seen what it is to do, and what comes then is held.
    const watched = async (config: unknown) => {
      const answer = await query(config);
      if ((config as { name?: string }).name !== 'lock-release') return answer;
      disabled = rig.call('POST', `${endpoint.base}/disable`).then(() => rig.publish(endpoint.tenant));
      await Promise.race([
        disabled,
        until(
          () => rig.sql(WAITS_FOR_LOCK),
          (rows) => rows.length > 0,
        ),
      ]);
      return answer;
    };
    const connections = {
      connect: () => Promise.resolve(Object.assign(Object.create(client), { query: watched })),
    };
    await stepRelease(connections as unknown as Pool, endpoint.tenant, endpoint.id);
    await disabled;
  } finally {
    await pool.end();
  }
  const found = await rig.sql(
    'SELECT status FROM deliveries WHERE endpoint_id = $1 ORDER BY id',
    endpoint.id,
  );
  expect(found).toEqual([{ status: 'cancelled' }, { status: 'held' }]);
});
