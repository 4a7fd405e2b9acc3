/** Endpoints with `ordering: "fifo"`: one delivery after the other, in the order of acceptance. */
import { expect } from 'vitest';
import { describe, it } from '../support/concurrent.ts';
import { numberOf } from '../support/stage.ts';
import type { Received } from '../support/receiver.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

const FIFO = { ordering: 'fifo', retry_schedule_seconds: [1, 1, 1] };

async function publishMany(
  tenant: string,
  data: object[],
  keyOf: (n: number) => string | undefined = () => undefined,
) {
  const events = data.map((one, n) => ({ type: 'a.b', data: one, ordering_key: keyOf(n) }));
  const { status, body } = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
  expect(status).toBe(202);
  return (body.results as { delivery_ids: string[] }[]).map(({ delivery_ids: ids }) => ids[0]!);
}

const lane = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
const received = (path: string) => rig.receiver.at(path).map(numberOf);
const keyIn = (one: Received) => (JSON.parse(one.body) as Json).data.key as string;

/** Fails `failing` of the first calls for an event of that number. */
function failFirst(path: string, failing: (n: number) => number): void {
  const calls = new Map<number, number>();
  rig.receiver.answerAt(path, (one, response) => {
    const n = numberOf(one);
    calls.set(n, (calls.get(n) ?? 0) + 1);
    response.writeHead(calls.get(n)! <= failing(n) ? 500 : 200).end();
  });
}

describe('a lane', () => {
  it('delivers a batch one after the other, in its order', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let underWay = 0;
    let most = 0;
    rig.receiver.answerAt(path, (_, response) => {
      most = Math.max(most, (underWay += 1));
      setTimeout(() => {
        underWay -= 1;
        response.writeHead(200).end();
      }, 2);
    });
    const endpoint = await rig.endpoint(tenant, path, FIFO);
    expect(endpoint.ordering).toBe('fifo');
    const ids = await publishMany(tenant, lane(100));
    await rig.calls(path, 100);
    await rig.settled(tenant, ids.at(-1)!, 'succeeded');
    expect(received(path)).toEqual(lane(100).map(({ n }) => n));
    expect(most).toBe(1);
    const first = await rig.delivery(tenant, ids[0]!);
    expect(first).toMatchObject({ ordered: true, ordering_key: null, workflow_id: `lane-${endpoint.id}` });
  });

  it('waits behind a delivery that fails, and goes on when it has succeeded or used up its schedule', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    failFirst(path, (n) => (n === 2 ? 1 : n === 4 ? 9 : 0));
    await rig.endpoint(tenant, path, FIFO);
    const ids = await publishMany(tenant, lane(6));
    await rig.settled(tenant, ids[5]!, 'succeeded');
    expect(received(path)).toEqual([0, 1, 2, 2, 3, 4, 4, 4, 4, 5]);
    expect((await rig.delivery(tenant, ids[4]!)).status).toBe('failed');
  });

  it('orders by key: a key that fails holds up no other', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let open = false;
    rig.receiver.answerAt(path, (one, response) =>
      response.writeHead(keyIn(one) === 'a' && !open ? 500 : 200).end(),
    );
    await rig.endpoint(tenant, path, { ...FIFO, retry_schedule_seconds: [2, 2] });
    const keys = ['a', 'b', 'c'];
    const data = Array.from({ length: 30 }, (_, n) => ({ n, key: keys[n % 3]! }));
    const ids = await publishMany(tenant, data, (n) => keys[n % 3]);
    await rig.settled(tenant, ids[29]!, 'succeeded');
    await rig.settled(tenant, ids[28]!, 'succeeded');
    open = true;
    await rig.settled(tenant, ids[27]!, 'succeeded');
    for (const key of keys) {
      const of = rig.receiver
        .at(path)
        .filter((one) => keyIn(one) === key)
        .map(numberOf);
      const wanted = data.filter((one) => one.key === key).map(({ n }) => n);
      expect([...new Set(of)]).toEqual(wanted);
      expect(of.filter((n, i) => n === of[i - 1])).toHaveLength(of.length - wanted.length);
    }
    expect(await rig.delivery(tenant, ids[0]!)).toMatchObject({ ordering_key: 'a' });
  });
});

describe('bad input', () => {
  it.each([
    [{ ordering: 'lifo' }, 'ordering'],
    [{ ordering: null }, 'ordering'],
  ])('%j is refused', async (settings, path) => {
    const body = { url: rig.receiver.url, ...settings };
    const answer = await rig.call('POST', `/v1/tenants/${newTenant()}/endpoints`, body);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
  });

  it.each(['', 'has space', 'ü', 'x'.repeat(129), 7, null])('an ordering key %j is refused', async (key) => {
    const body = { type: 'a.b', data: {}, ordering_key: key };
    const answer = await rig.call('POST', `/v1/tenants/${newTenant()}/events`, body);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'ordering_key']);
  });
});

export const idle = (endpointId: string) =>
  until(
    () => rig.sql('SELECT 1 FROM lanes WHERE endpoint_id = $1', endpointId),
    (rows) => rows.length === 0,
  );

describe('by hand', () => {
  it('a retry of the delivery that waits lets its lane go on at once; of one that has ended, it says that it is late', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    failFirst(path, (n) => (n === 0 ? 1 : 0));
    await rig.endpoint(tenant, path, { ordering: 'fifo', retry_schedule_seconds: [3600] });
    const ids = await publishMany(tenant, lane(3));
    await rig.settled(tenant, ids[0]!, 'retrying');
    const retried = await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${ids[0]}/retry`);
    expect([retried.status, retried.body]).toEqual([202, { id: ids[0], status: 'retrying' }]);
    await rig.settled(tenant, ids[2]!, 'succeeded');
    expect(received(path)).toEqual([0, 0, 1, 2]);
    const first = await rig.delivery(tenant, ids[0]!);
    expect(first.attempts.map(({ trigger }: Json) => trigger)).toEqual(['schedule', 'manual']);

    const again = await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${ids[0]}/retry`);
    expect(again.body.note).toContain('out of order');
    await rig.calls(path, 5);
    expect(received(path)).toEqual([0, 0, 1, 2, 0]);
  });

  it('a delivery that waits is cancelled, and the next one goes', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    failFirst(path, (n) => (n === 0 ? 9 : 0));
    await rig.endpoint(tenant, path, { ordering: 'fifo', retry_schedule_seconds: [3600] });
    const ids = await publishMany(tenant, lane(4));
    await rig.settled(tenant, ids[0]!, 'retrying');
    for (const id of [ids[2], ids[0]])
      expect((await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${id}/cancel`)).status).toBe(202);
    await rig.settled(tenant, ids[3]!, 'succeeded');
    expect(received(path)).toEqual([0, 1, 3]);
  });

  it('/history has what failed, from the lane, and the attempts, from the log', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    failFirst(path, (n) => (n === 1 ? 1 : 0));
    await rig.endpoint(tenant, path, FIFO);
    const ids = await publishMany(tenant, lane(3));
    await rig.settled(tenant, ids[2]!, 'succeeded');
    const { body } = await rig.call('GET', `/v1/tenants/${tenant}/deliveries/${ids[1]}/history`);
    expect(body.note).toContain('lane');
    expect(body.attempts.map(({ status_code: code }: Json) => code)).toEqual([500, 200]);
    const failed = body.runs
      .flatMap(({ entries }: Json) => entries)
      .filter(({ type }: Json) => type === 'failed_attempts');
    expect(failed).toMatchObject([{ attempts: [{ number: 1, status_code: 500 }] }]);
  });
});

describe('a paused endpoint', () => {
  it('holds its lane, and what was held comes first, in its order', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const endpoint = await rig.endpoint(tenant, path, { ...FIFO, enabled: false });
    await publishMany(tenant, [{ n: 0 }, { n: 1 }, { n: 2 }]);
    await publishMany(tenant, [{ n: 3 }, { n: 4 }]);
    const url = `/v1/tenants/${tenant}/endpoints/${endpoint.id}`;
    const [enabled] = await Promise.all([
      rig.call('POST', `${url}/enable`),
      publishMany(tenant, [{ n: 5 }, { n: 6 }]),
    ]);
    expect(enabled.status).toBe(200);
    const ids = await publishMany(tenant, [{ n: 7 }]);
    await rig.settled(tenant, ids[0]!, 'succeeded');
    expect(received(path)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('that answers 410 half-way holds the rest of its lane', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, (one, response) => response.writeHead(numberOf(one) === 1 ? 410 : 200).end());
    const endpoint = await rig.endpoint(tenant, path, FIFO);
    const ids = await publishMany(tenant, lane(5));
    await rig.settled(tenant, ids[4]!, 'held');
    expect((await rig.delivery(tenant, ids[1]!)).status).toBe('failed');
    rig.receiver.answerAt(path, 200);
    await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/enable`);
    await rig.settled(tenant, ids[4]!, 'succeeded');
    expect(received(path)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('the end', () => {
  it('of an endpoint cancels its lane; nothing of the lane stays', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    rig.receiver.answerAt(path, 500);
    const endpoint = await rig.endpoint(tenant, path, { ordering: 'fifo', retry_schedule_seconds: [3600] });
    const ids = await publishMany(tenant, lane(3));
    await rig.settled(tenant, ids[0]!, 'retrying');
    await rig.call('DELETE', `/v1/tenants/${tenant}/endpoints/${endpoint.id}`);
    await rig.settled(tenant, ids[2]!, 'cancelled');
    await idle(endpoint.id);
    await rig.workflowResult(`lane-${endpoint.id}`);
  });

  it('of work ends the workflow, and what comes later begins it anew', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    const endpoint = await rig.endpoint(tenant, path, FIFO);
    await publishMany(tenant, lane(2));
    await rig.calls(path, 2);
    expect(await rig.workflowResult(`lane-${endpoint.id}`)).toMatchObject({ succeeded: 2 });
    await idle(endpoint.id);
    const ids = await publishMany(tenant, [{ n: 2 }]);
    await rig.settled(tenant, ids[0]!, 'succeeded');
    expect(received(path)).toEqual([0, 1, 2]);
  });

  it.each(['terminate', 'cancel'] as const)(
    '%s of its workflow by hand stops a lane for a moment only',
    async (how) => {
      const tenant = newTenant();
      const path = `/${tenant}`;
      failFirst(path, (n) => (n === 0 ? 1 : 0));
      const endpoint = await rig.endpoint(tenant, path, { ordering: 'fifo', retry_schedule_seconds: [2] });
      const ids = await publishMany(tenant, lane(3));
      await rig.settled(tenant, ids[0]!, 'retrying');
      // Who leaves it says when it is to be looked after: that is not to come after what is said here.
      await until(
        () => rig.sql('SELECT worked_by FROM lanes WHERE endpoint_id = $1', endpoint.id),
        ([found]) => found.worked_by === null,
      );
      await rig.temporal.workflow.getHandle(`lane-${endpoint.id}`)[how]();
      // Somebody looks after it half a minute after the retry was due.
      await rig.sql('UPDATE lanes SET due_at = now() WHERE endpoint_id = $1', endpoint.id);
      await rig.settled(tenant, ids[2]!, 'succeeded');
      expect(received(path)).toEqual([0, 0, 1, 2]);
    },
  );
});

describe('an endpoint that is changed', () => {
  it('to fifo and back: each delivery goes as it was accepted, once', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    let open = false;
    rig.receiver.answerAt(path, (_, response) => void response.writeHead(open ? 200 : 500).end());
    const endpoint = await rig.endpoint(tenant, path, { retry_schedule_seconds: [2, 2, 2] });
    const url = `/v1/tenants/${tenant}/endpoints/${endpoint.id}`;
    const before = await publishMany(tenant, [{ n: 0 }, { n: 1 }]);
    expect((await rig.call('PATCH', url, { ordering: 'fifo' })).body.ordering).toBe('fifo');
    const ordered = await publishMany(tenant, [{ n: 2 }, { n: 3 }]);
    expect((await rig.call('PATCH', url, { ordering: 'none' })).body.ordering).toBe('none');
    const after = await publishMany(tenant, [{ n: 4 }]);
    await rig.settled(tenant, ordered[0]!, 'retrying');
    open = true;
    for (const id of [...before, ...ordered, ...after]) await rig.settled(tenant, id, 'succeeded');
    const succeeded = await rig.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM attempts WHERE tenant_id = $1 AND error_class IS NULL`,
      tenant,
    );
    expect(succeeded).toEqual([{ n: 5 }]);
    const flags = await Promise.all([...before, ...ordered, ...after].map((id) => rig.delivery(tenant, id)));
    expect(flags.map((one) => one.ordered)).toEqual([false, false, true, true, false]);
  });
});

it('a test goes beside its lane', async () => {
  const tenant = newTenant();
  const path = `/${tenant}`;
  rig.receiver.answerAt(path, (one, response) =>
    response.writeHead(one.headers['webhook-test'] ? 200 : 500).end(),
  );
  const endpoint = await rig.endpoint(tenant, path, { ordering: 'fifo', retry_schedule_seconds: [3600] });
  const [id] = await publishMany(tenant, lane(1));
  await rig.settled(tenant, id!, 'retrying');
  const test = await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/test`);
  await until(
    () => rig.delivery(tenant, test.body.delivery_id),
    ({ attempt_count: attempts }) => attempts > 0,
  );
});
