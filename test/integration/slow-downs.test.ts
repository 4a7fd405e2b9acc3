/** An endpoint that answers 429 or 503 with Retry-After is left alone as a whole, by every process. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { it } from '../support/concurrent.ts';
import { startTestPosthorn, type TestPosthorn } from '../support/posthorn.ts';
import type { Behaviour } from '../support/receiver.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const queue = `test-${randomUUID()}`;
const rig = useRig({ POSTHORN_TASK_QUEUE: queue });
let other: TestPosthorn;
beforeAll(
  async () => void (other = await startTestPosthorn({ POSTHORN_TASK_QUEUE: queue }, rig.databaseUrl)),
);
afterAll(() => other?.stop());

const busy =
  (status: number, seconds: number | string): Behaviour =>
  (_, response) =>
    response.writeHead(status, { 'retry-after': String(seconds) }).end();

const show = async (tenant: string, endpoint: Json): Promise<Json> =>
  (await rig.call('GET', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`)).body;

/** An endpoint that has just asked for so long a pause. */
async function slowed(status: number, seconds: number, settings: object = {}) {
  const tenant = newTenant();
  const path = `/${tenant}`;
  rig.receiver.answerAt(path, busy(status, seconds));
  const endpoint = await rig.endpoint(tenant, path, settings);
  await rig.publish(tenant);
  await rig.calls(path, 1);
  const shown = await until(
    () => show(tenant, endpoint),
    (found) => found.slowed_until !== null,
  );
  rig.receiver.answerAt(path, 200);
  return { tenant, path, endpoint, shown };
}

it.each([429, 503])(
  'sends nothing until then, from whatever process, and all afterwards (%i)',
  async (status) => {
    const { tenant, path } = await slowed(status, 4, { retry_schedule_seconds: [1] });
    const [first] = await rig.calls(path, 1);
    const event = { type: 'a.b', data: {} };
    for (const app of [rig, other, rig, other]) await app.call('POST', `/v1/tenants/${tenant}/events`, event);
    const received = await rig.calls(path, 6);
    expect(received.slice(1).every(({ atMs }) => atMs - first!.atMs >= 3_900)).toBe(true);
    const deliveries = await until(
      () => rig.sql('SELECT status, attempt_count FROM deliveries WHERE tenant_id = $1', tenant),
      (rows) => rows.every((row: Json) => row.status === 'succeeded'),
    );
    // Waiting has used up nothing.
    expect(deliveries.map((row: Json) => row.attempt_count).sort()).toEqual([1, 1, 1, 1, 2]);
  },
);

it('lasts a day at most, and holds nothing in memory meanwhile', async () => {
  const { tenant, endpoint, shown } = await slowed(503, 10_000_000);
  const dayMs = 24 * 3_600_000;
  expect(Math.abs(Date.parse(shown.slowed_until) - Date.now() - dayMs)).toBeLessThan(60_000);
  for (let n = 0; n < 5; n += 1) await rig.publish(tenant);
  await until(
    () =>
      rig.sql(
        `SELECT count(*)::int AS n FROM deliveries WHERE endpoint_id = $1 AND status = 'pending'
            AND claimed_by IS NULL AND workflow_id IS NULL`,
        endpoint.id,
      ),
    ([row]) => row.n === 5,
  );
  await until(
    () => rig.posthorn.dispatch!.dispatcher.inMemory().deliveries,
    (count) => count === 0,
  );
});

it('ends early when an attempt by hand succeeds', async () => {
  const { tenant, path, endpoint } = await slowed(429, 3_600, { retry_schedule_seconds: [3_600] });
  await rig.publish(tenant);
  // The endpoint is slowed before the attempt that slowed it is written.
  const retrying = `SELECT id FROM deliveries WHERE tenant_id = $1 AND status = 'retrying'`;
  const [row] = await until(
    () => rig.sql(retrying, tenant),
    (rows) => rows.length > 0,
  );
  const retry = `/v1/tenants/${tenant}/deliveries/${row.id}/retry`;
  expect((await rig.call('POST', retry)).status).toBe(202);
  await rig.calls(path, 3);
  expect((await show(tenant, endpoint)).slowed_until).toBeNull();
});

it.each<[string, (tenant: string, endpoint: Json) => Promise<unknown>]>([
  ['it is enabled', (tenant, { id }) => rig.call('POST', `/v1/tenants/${tenant}/endpoints/${id}/enable`)],
  [
    'its url is changed',
    (tenant, { id, url }) => rig.call('PATCH', `/v1/tenants/${tenant}/endpoints/${id}`, { url }),
  ],
])('ends when %s, in every process', async (_, act) => {
  const { tenant, path, endpoint } = await slowed(503, 3_600, { retry_schedule_seconds: [3_600] });
  const event = { type: 'a.b', data: {} };
  for (const app of [rig, other]) await app.call('POST', `/v1/tenants/${tenant}/events`, event);
  await act(tenant, endpoint);
  await rig.calls(path, 3);
  expect((await show(tenant, endpoint)).slowed_until).toBeNull();
});

it('a test event is sent all the same', async () => {
  const { tenant, path, endpoint } = await slowed(503, 3_600);
  const sent = await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/test`);
  expect(sent.status).toBe(202);
  await rig.calls(path, 2);
  await until(
    () => show(tenant, endpoint),
    (found) => found.slowed_until === null,
  );
});
