import { describe, expect, it } from 'vitest';
import { newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();

async function paused(tenant: string, path: string, settings: object = {}) {
  const endpoint = await rig.endpoint(tenant, path, settings);
  const base = `/v1/tenants/${tenant}/endpoints/${endpoint.id}`;
  return {
    ...endpoint,
    base,
    enable: () => rig.call('POST', `${base}/enable`),
    disable: () => rig.call('POST', `${base}/disable`),
  };
}

describe.concurrent('an endpoint that is switched off', () => {
  it('keeps its configuration', async () => {
    const tenant = newTenant();
    const endpoint = await paused(tenant, `/${tenant}`, { headers: { 'X-A': 'b' }, timeout_seconds: 3 });
    const { body: off } = await endpoint.disable();
    expect(off).toMatchObject({ enabled: false, disabled_reason: 'manual', timeout_seconds: 3 });
    const { body: on } = await endpoint.enable();
    expect(on).toMatchObject({ enabled: true, disabled_reason: null, headers: { 'X-A': 'b' } });
    await rig.publish(tenant);
    expect((await rig.calls(`/${tenant}`, 1))[0]!.headers['x-a']).toBe('b');
  });

  it('gets nothing until it is on again, and then everything that came, oldest first', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const endpoint = await paused(tenant, path, { enabled: false, max_in_flight: 1 });
    const published: string[] = [];
    const held: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { id, delivery_ids } = await rig.publish(tenant, { data: { n } });
      published.push(id);
      held.push(delivery_ids[0]!);
    }
    for (const id of held) {
      expect(await rig.delivery(tenant, id)).toMatchObject({
        status: 'held',
        attempt_count: 0,
        workflow_id: null,
      });
    }
    expect(rig.receiver.at(path)).toEqual([]);
    expect((await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${held[0]}/retry`)).status).toBe(409);
    expect((await rig.call('PATCH', endpoint.base, { enabled: true })).status).toBe(200);
    const received = await rig.calls(path, 5);
    expect(received.map((one) => one.headers['webhook-id'])).toEqual(published);
    for (const id of held) await rig.settled(tenant, id, 'succeeded');
  });

  it('holds what it had failed to take, at its next attempt, and goes on with the schedule afterwards', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let fail = () => {};
    rig.receiver.answerAt(path, (_request, response) => {
      fail = () => void response.writeHead(500).end();
    });
    const endpoint = await paused(tenant, path, { retry_schedule_seconds: [1, 1] });
    const id = (await rig.publish(tenant)).delivery_ids[0]!;
    await rig.calls(path, 1);
    await endpoint.disable();
    // Not before it is switched off, so that the next attempt is not too early.
    fail();
    rig.receiver.answerAt(path, 500);
    const held = await rig.settled(tenant, id, 'held');
    expect(held).toMatchObject({ attempt_count: 1, next_attempt_at: null });
    expect(await rig.workflowResult(id)).toEqual({ held: 1 });
    await endpoint.enable();
    const failed = await rig.settled(tenant, id, 'failed');
    expect(failed.attempts.map((one: Json) => [one.number, one.trigger])).toEqual([
      [1, 'schedule'],
      [2, 'schedule'],
      [3, 'schedule'],
    ]);
    expect(rig.receiver.at(path)).toHaveLength(3);
  });

  it('can have what it holds cancelled', async () => {
    const tenant = newTenant();
    const endpoint = await paused(tenant, `/${tenant}`, { enabled: false });
    const [one, two] = [await rig.publish(tenant), await rig.publish(tenant)];
    const cancel = `/v1/tenants/${tenant}/deliveries/${one.delivery_ids[0]}/cancel`;
    expect((await rig.call('POST', cancel)).status).toBe(202);
    await endpoint.enable();
    await rig.settled(tenant, two.delivery_ids[0]!, 'succeeded');
    expect((await rig.delivery(tenant, one.delivery_ids[0]!)).status).toBe('cancelled');
    expect(rig.receiver.at(`/${tenant}`).map((call) => call.headers['webhook-id'])).toEqual([two.id]);
  });

  it('takes no test event', async () => {
    const tenant = newTenant();
    const endpoint = await paused(tenant, `/${tenant}`, { enabled: false });
    expect((await rig.call('POST', `${endpoint.base}/test`)).status).toBe(409);
  });
});

describe.concurrent('an endpoint that answered 410', () => {
  it('is on again when it is enabled, and then gets what came meanwhile', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, 410);
    const endpoint = await paused(tenant, path);
    await rig.settled(tenant, (await rig.publish(tenant)).delivery_ids[0]!, 'failed');
    const later = await rig.publish(tenant);
    rig.receiver.answerAt(path, 200);
    await endpoint.enable();
    await rig.settled(tenant, later.delivery_ids[0]!, 'succeeded');
  });
});

describe.concurrent('a 410', () => {
  it('is the last that an endpoint is asked, also by what waits for its slot meanwhile', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let goneAfter = () => {};
    rig.receiver.answerAt(path, (_request, response) => {
      goneAfter = () => void response.writeHead(410).end();
    });
    const endpoint = await paused(tenant, path, { max_in_flight: 1 });
    const first = (await rig.publish(tenant)).delivery_ids[0]!;
    await rig.calls(path, 1);
    const waiting: string[] = [];
    for (let n = 0; n < 20; n += 1) waiting.push((await rig.publish(tenant)).delivery_ids[0]!);
    goneAfter();
    await rig.settled(tenant, first, 'failed');
    for (const id of waiting) await rig.settled(tenant, id, 'held');
    expect(rig.receiver.at(path)).toHaveLength(1);
    rig.receiver.answerAt(path, 200);
    await endpoint.enable();
    for (const id of waiting) await rig.settled(tenant, id, 'succeeded');
  });

  it('from where it was before does not disable an endpoint that has moved', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let late = () => {};
    rig.receiver.answerAt(path, (_request, response) => {
      late = () => void response.writeHead(410).end();
    });
    const endpoint = await paused(tenant, path);
    const before = (await rig.publish(tenant)).delivery_ids[0]!;
    await rig.calls(path, 1);
    await rig.call('PATCH', endpoint.base, { url: `${rig.receiver.url}${path}-new` });
    late();
    await rig.settled(tenant, before, 'failed');
    expect((await rig.call('GET', endpoint.base)).body).toMatchObject({ enabled: true });
    await rig.settled(tenant, (await rig.publish(tenant)).delivery_ids[0]!, 'succeeded');
    expect(rig.receiver.at(`${path}-new`)).toHaveLength(1);
  });
});

describe.concurrent('deleting an endpoint', () => {
  it('cancels what it held, what waits, and what is under way gets no further attempt', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, 500);
    const endpoint = await paused(tenant, path, { retry_schedule_seconds: [3600, 1, 1] });
    const waiting = (await rig.publish(tenant)).delivery_ids[0]!;
    await rig.settled(tenant, waiting, 'retrying');
    await endpoint.disable();
    const held = (await rig.publish(tenant)).delivery_ids[0]!;
    expect((await rig.call('DELETE', endpoint.base)).status).toBe(204);
    for (const id of [waiting, held]) {
      expect(await rig.delivery(tenant, id)).toMatchObject({ status: 'cancelled', next_attempt_at: null });
    }
    // Its workflow has been told, so it does not wait for the hour to be over.
    expect(await rig.workflowResult(waiting)).toEqual({ cancelled: 1 });
    expect(rig.receiver.at(path)).toHaveLength(1);
  });

  it('while an attempt is under way lets it finish, and makes no other', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let release = () => {};
    rig.receiver.answerAt(path, (_request, response) => {
      release = () => void response.writeHead(500).end();
    });
    const endpoint = await paused(tenant, path, { retry_schedule_seconds: [0, 0] });
    const id = (await rig.publish(tenant)).delivery_ids[0]!;
    await rig.calls(path, 1);
    await rig.call('DELETE', endpoint.base);
    expect((await rig.delivery(tenant, id)).status).toBe('cancelled');
    release();
    expect(await rig.workflowResult(id)).toEqual({ cancelled: 1 });
    expect(await rig.delivery(tenant, id)).toMatchObject({ status: 'cancelled', attempt_count: 1 });
    expect(rig.receiver.at(path)).toHaveLength(1);
  });
});
