import { describe, expect, it } from 'vitest';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();
const MIB = 1 << 20;
/** A data object of exactly that many bytes as compact JSON. */
const dataOf = (bytes: number, letter = 'x') => ({
  t: letter.repeat((bytes - 8) / Buffer.byteLength(letter)),
});

const batch = (tenant: string, events: unknown[], key?: string) =>
  rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events }, key ? { 'idempotency-key': key } : {});

describe('a batch', () => {
  it('answers for each of its events in order, and takes the good ones', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    await rig.endpoint(tenant, path);
    const answer = await batch(tenant, [
      { id: 'one', type: 'a.b', data: { n: 1 } },
      { type: 'A.B', data: {} },
      { id: 'two', type: 'a.b', data: { n: 2 } },
      'nonsense',
      { type: 'a.b', data: {}, colour: 'red' },
      { id: 'one', type: 'a.b', data: { n: 1 } },
      { type: 'a.b', data: dataOf(MIB + 1) },
    ]);
    expect(answer.status).toBe(202);
    const { results } = answer.body;
    const taken = { delivery_ids: [expect.stringMatching(/^dlv_/) as string] };
    expect(results).toMatchObject([
      { id: 'one', ...taken },
      { error: { status: 422, errors: [{ path: 'events[1].type' }] } },
      { id: 'two', ...taken },
      { error: { status: 422, errors: [{ path: 'events[3]' }] } },
      { error: { status: 422, errors: [{ path: 'events[4].colour' }] } },
      { id: 'one', ...taken },
      { error: { status: 413, errors: [{ path: 'events[6].data' }] } },
    ]);
    expect(results[5]).toEqual(results[0]);
    const ids = (await rig.calls(path, 2)).map((one) => one.headers['webhook-id']);
    expect(ids.sort()).toEqual(['one', 'two']);
    expect((await rig.call('GET', `/v1/tenants/${tenant}/events`)).body.data).toHaveLength(2);
  });

  // With a workflow each, a thousand take their time.
  it.skipIf(process.env.DISPATCH === 'strict')('of 1000 events is delivered whole', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    await rig.endpoint(tenant, path);
    const answer = await batch(
      tenant,
      Array.from({ length: 1000 }, (_, n) => ({ type: 'a.b', data: { n } })),
    );
    expect(answer.status).toBe(202);
    const received = await rig.calls(path, 1000);
    const numbers = received.map((one) => JSON.parse(one.body).data.n as number);
    expect(new Set(numbers).size).toBe(1000);
    expect(received.map((one) => one.headers['webhook-id']).sort()).toEqual(
      answer.body.results.map((result: Json) => result.id).sort(),
    );
  });

  it('with an idempotency key is taken once, and the key refused with another batch', async () => {
    const tenant = newTenant();
    const path = `/${tenant}`;
    await rig.endpoint(tenant, path);
    const events = [1, 2, 3].map((n) => ({ type: 'a.b', data: { n } }));
    const first = await batch(tenant, events, 'key');
    expect(first.status).toBe(202);
    expect(await batch(tenant, events, 'key')).toMatchObject({ status: 200, body: first.body });
    const others = [[...events, { type: 'a.b', data: { n: 4 } }], events.slice(0, 2), [...events].reverse()];
    for (const other of others) {
      expectProblem(await batch(tenant, other, 'key'), 422, 'Idempotency-Key');
    }
    await rig.calls(path, 3);
    expect((await rig.call('GET', `/v1/tenants/${tenant}/events`)).body.data).toHaveLength(3);
  });
});

describe('a payload', () => {
  it('of exactly 1 MiB is delivered byte for byte', async () => {
    for (const letter of ['x', 'ä']) {
      const tenant = newTenant();
      const path = `/${tenant}`;
      await rig.endpoint(tenant, path);
      const data = dataOf(MIB, letter);
      expect(Buffer.byteLength(JSON.stringify(data))).toBe(MIB);
      await rig.publish(tenant, { data });
      const [received] = await rig.calls(path, 1);
      expect(JSON.parse(received!.body).data).toEqual(data);
    }
  });

  it('of one byte more is refused, in bytes and not in characters', async () => {
    const tenant = newTenant();
    const events = `/v1/tenants/${tenant}/events`;
    const tooLarge = [dataOf(MIB + 1), { ...dataOf(MIB - 4, 'ä'), u: 1 }];
    for (const data of tooLarge) {
      expectProblem(await rig.call('POST', events, { type: 'a.b', data }), 413, 'data');
    }
    expect((await rig.call('GET', events)).body.data).toEqual([]);
  });

  it('may be written with white space: what counts is its compact form', async () => {
    const spaced = `{"type":"a.b","data":{"n": ${' '.repeat(60_000)}1}}`;
    const tenant = newTenant();
    await rig.endpoint(tenant, `/${tenant}`);
    expect((await rig.call('POST', `/v1/tenants/${tenant}/events`, spaced)).status).toBe(202);
    const [received] = await rig.calls(`/${tenant}`, 1);
    expect(received!.body).toMatch(/"data":\{"n":1\}\}$/);
  });
});
