/** Ordered delivery together with what else may hold an endpoint up: rates, slow-downs, receivers that hang, templates, replays. */
import { expect } from 'vitest';
import { describe, it } from '../support/concurrent.ts';
import { numberOf, numbers } from '../support/stage.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

async function publishMany(tenant: string, from: number, to: number, more: object = {}): Promise<string[]> {
  const events = numbers(from, to).map((n) => ({ type: 'a.b', data: { n }, ...more }));
  const { body } = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
  return (body.results as { delivery_ids: string[] }[]).map(({ delivery_ids: ids }) => ids[0]!);
}

const received = (path: string) => rig.receiver.at(path).map(numberOf);
const path = (tenant: string, endpoint: Json) => `/v1/tenants/${tenant}/endpoints/${endpoint.id}`;

describe('a limited lane', () => {
  it('keeps its order and its rate', async () => {
    const tenant = newTenant();
    await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo', rate_limit: { per_second: 20, burst: 3 } });
    await publishMany(tenant, 0, 59);
    const all = await rig.calls(`/${tenant}`, 60);
    expect(received(`/${tenant}`)).toEqual(numbers(0, 59));
    const seconds = (all.at(-1)!.atMs - all[0]!.atMs) / 1_000;
    expect(60).toBeLessThanOrEqual(3 + 20 * (seconds + 0.5) + 1);
  });

  it('waits in its workflow for a turn that is far away, and goes on at once without the limit', async () => {
    const tenant = newTenant();
    const limit = { rate_limit: { per_second: 0.005 } };
    const endpoint = await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo', ...limit });
    const ids = await publishMany(tenant, 0, 4);
    await rig.calls(`/${tenant}`, 1);
    await until(
      () => rig.sql('SELECT worked_by FROM lanes WHERE endpoint_id = $1', endpoint.id),
      ([lane]) => lane?.worked_by === null,
    );
    await rig.call('PATCH', path(tenant, endpoint), { rate_limit: null });
    await rig.settled(tenant, ids[4]!, 'succeeded');
    expect(received(`/${tenant}`)).toEqual(numbers(0, 4));
  });

  it('makes an attempt by hand of a head that waits for hours when the rate allows it', async () => {
    const tenant = newTenant();
    rig.receiver.answerAt(`/${tenant}`, 500);
    const endpoint = { ordering: 'fifo', rate_limit: { per_second: 0.3 }, retry_schedule_seconds: [7_200] };
    await rig.endpoint(tenant, `/${tenant}`, endpoint);
    const ids = await publishMany(tenant, 0, 1);
    await rig.settled(tenant, ids[0]!, 'retrying');
    rig.receiver.answerAt(`/${tenant}`, 200);
    expect((await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${ids[0]}/retry`)).status).toBe(202);
    await rig.settled(tenant, ids[1]!, 'succeeded');
    expect(received(`/${tenant}`)).toEqual([0, 0, 1]);
    const { attempts } = await rig.delivery(tenant, ids[0]!);
    expect(attempts.map(({ trigger }: Json) => trigger)).toEqual(['schedule', 'manual']);
    const [, second, third] = rig.receiver.at(`/${tenant}`).map(({ atMs }) => atMs);
    expect(third! - second!).toBeGreaterThan(2_500);
  });
});

it('an endpoint that asks for a pause is left alone as a lane, and then gets the same delivery first', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, (_, response) => response.writeHead(429, { 'retry-after': '3' }).end());
  await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo', retry_schedule_seconds: [1] });
  const ids = await publishMany(tenant, 0, 2);
  await rig.settled(tenant, ids[0]!, 'retrying');
  rig.receiver.answerAt(`/${tenant}`, 200);
  await rig.settled(tenant, ids[2]!, 'succeeded');
  expect(received(`/${tenant}`)).toEqual([0, 0, 1, 2]);
  const [first, second] = rig.receiver.at(`/${tenant}`).map(({ atMs }) => atMs);
  expect(second! - first!).toBeGreaterThan(2_900);
});

it('a delivery without an answer holds up its own key, and no other key nor lane', async () => {
  const tenant = newTenant();
  let answer = () => {};
  rig.receiver.answerAt(`/${tenant}`, (one, response) => {
    if (numberOf(one) === 0) answer = () => void response.writeHead(200).end();
    else response.writeHead(200).end();
  });
  await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo', timeout_seconds: 30 });
  await rig.endpoint(tenant, `/${tenant}-other`, { ordering: 'fifo' });
  const events = [0, 1, 2, 3].map((n) => ({
    ...{ type: 'a.b', data: { n }, ordering_key: n < 2 ? 'hangs' : 'goes' },
  }));
  await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
  await rig.calls(`/${tenant}-other`, 4);
  await rig.calls(`/${tenant}`, 3);
  await publishMany(tenant, 4, 6, { ordering_key: 'goes' });
  await rig.calls(`/${tenant}`, 6);
  expect(received(`/${tenant}`).filter((n) => n !== 0)).toEqual([2, 3, 4, 5, 6]);
  answer();
  await rig.calls(`/${tenant}`, 7);
  expect(received(`/${tenant}`).at(-1)).toBe(1);
});

it('a template makes the bodies of a lane, and where it fails, the order waits for it', async () => {
  const tenant = newTenant();
  const template = { jsonata: '{"data": {"n": data.n}, "odd": data.n = 1 ? $error("no") : 0}' };
  const endpoint = { ordering: 'fifo', template, retry_schedule_seconds: [1], max_retries: 1 };
  await rig.endpoint(tenant, `/${tenant}`, endpoint);
  const ids = await publishMany(tenant, 0, 3);
  await rig.settled(tenant, ids[3]!, 'succeeded');
  expect(received(`/${tenant}`)).toEqual([0, 2, 3]);
  expect(await rig.delivery(tenant, ids[1]!)).toMatchObject({ status: 'failed', attempt_count: 2 });
});

it('what is held and released at a rate comes in its order, and what is accepted meanwhile after it', async () => {
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo', enabled: false });
  await publishMany(tenant, 0, 14);
  await rig.call('POST', `${path(tenant, endpoint)}/enable`, { per_second: 10 });
  const ids = await publishMany(tenant, 15, 19);
  await rig.settled(tenant, ids[4]!, 'succeeded');
  expect(received(`/${tenant}`)).toEqual(numbers(0, 19));
});

it('a replay stands where it came in, in its own order', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, 500);
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo', max_retries: 0 });
  const failed = await publishMany(tenant, 0, 9);
  await rig.settled(tenant, failed[9]!, 'failed');
  rig.receiver.answerAt(`/${tenant}`, 200);
  const before = rig.receiver.at(`/${tenant}`).length;
  const since = new Date(Date.now() - 60_000).toISOString();
  const { status } = await rig.call('POST', `/v1/tenants/${tenant}/replays`, {
    endpoint_id: endpoint.id,
    since,
  });
  expect(status).toBe(202);
  await rig.calls(`/${tenant}`, before + 10);
  const ids = await publishMany(tenant, 10, 12);
  await rig.settled(tenant, ids[2]!, 'succeeded');
  expect(received(`/${tenant}`).slice(before)).toEqual(numbers(0, 12));
});
