/** Events for hundreds and thousands of endpoints: written whole or not at all, and nobody else waits for them. */
import pg from 'pg';
import { expect, it } from 'vitest';
import { newTenant, useRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();
const COUNT = 2_500;

/** A tenant with that many endpoints, all disabled: what they want is held. */
async function largeTenant(count = COUNT): Promise<{ tenant: string; first: string }> {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/large');
  await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${id}/disable`);
  const [columns] = await rig.sql<{ names: string }>(
    `SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns
      WHERE table_name = 'endpoints' AND column_name NOT IN ('id', 'idempotency_key')`,
  );
  await rig.sql(
    `INSERT INTO endpoints (id, ${columns!.names})
     SELECT id || n, ${columns!.names} FROM endpoints, generate_series(2, $2) n WHERE id = $1`,
    id,
    count,
  );
  return { tenant, first: id };
}

const publish = (tenant: string, event: object, headers?: Record<string, string>) =>
  rig.call('POST', `/v1/tenants/${tenant}/events`, { type: 'a.b', data: {}, ...event }, headers);

const countOf = async (tenant: string) =>
  (
    await rig.sql<{ events: number; deliveries: number }>(
      `SELECT (SELECT count(*)::int FROM events WHERE tenant_id = $1) AS events,
              (SELECT count(*)::int FROM deliveries WHERE tenant_id = $1) AS deliveries`,
      tenant,
    )
  )[0];

it('all deliveries of an event appear, or none; and its repeat is answered as it was', async () => {
  const { tenant } = await largeTenant();
  // Whatever goes wrong, it may do so when most has been written.
  await rig.sql(`ALTER TABLE events ADD CONSTRAINT sabotage CHECK (type <> 'sabotage') NOT VALID`);
  expect((await publish(tenant, { type: 'sabotage' })).status).toBe(500);
  expect(await countOf(tenant)).toEqual({ events: 0, deliveries: 0 });
  await rig.sql('ALTER TABLE events DROP CONSTRAINT sabotage');

  const key = { 'idempotency-key': 'k' };
  const [one, other] = await Promise.all([publish(tenant, {}, key), publish(tenant, {}, key)]);
  expect([one.status, other.status].sort()).toEqual([200, 202]);
  expect(one.body.delivery_ids).toHaveLength(COUNT);
  expect(one.body.delivery_ids).toEqual(other.body.delivery_ids);
  expect(await countOf(tenant)).toEqual({ events: 1, deliveries: COUNT });
});

it.each([300, COUNT])(
  'publishes of others do not wait for those that are for %i endpoints',
  async (count) => {
    const { tenant } = await largeTenant(count);
    const other = newTenant();
    await publish(tenant, {});
    // Somebody writes events of these ids and does not come to an end.
    const holder = new pg.Client({ connectionString: rig.databaseUrl });
    await holder.connect();
    await holder.query('BEGIN');
    const ids = ['stuck-1', 'stuck-2', 'stuck-3', 'stuck-4'];
    for (const id of ids) {
      await holder.query('INSERT INTO event_keys (tenant_id, event_uid, event_id) VALUES ($1, $2, $2)', [
        tenant,
        id,
      ]);
    }
    const stuck = Promise.all(ids.map((id) => publish(tenant, { id })));
    const waiting = () =>
      rig.sql(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'event_in'`,
      );
    await until(waiting, (rows) => rows.length > 0);
    for (let n = 0; n < 5; n += 1) expect((await publish(other, {})).status).toBe(202);
    await holder.query('ROLLBACK');
    await holder.end();
    for (const { status, body } of await stuck) {
      expect(status).toBe(202);
      expect(body.delivery_ids).toHaveLength(count);
    }
  },
);

it('a change of one endpoint counts for the next event', async () => {
  const { tenant, first } = await largeTenant();
  await publish(tenant, {});
  const events = { events: ['other.type'] };
  expect((await rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/${first}`, events)).status).toBe(200);
  expect((await publish(tenant, {})).body.delivery_ids).toHaveLength(COUNT - 1);
  const more = await rig.endpoint(tenant, '/more');
  const { delivery_ids: ids } = (await publish(tenant, {})).body;
  expect(ids).toHaveLength(COUNT);
  await rig.calls('/more', 1);
  expect((await rig.call('DELETE', `/v1/tenants/${tenant}/endpoints/${more.id}`)).status).toBe(204);
  expect((await publish(tenant, {})).body.delivery_ids).toHaveLength(COUNT - 1);
});
