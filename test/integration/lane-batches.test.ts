/** Events of a batch stand in a lane in the batch's order, whatever is done with each before it is written. */
import { randomBytes } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { numberOf, numbers } from '../support/stage.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();

beforeAll(async () => {
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 0 } } };
  await rig.call('PUT', '/v1/event-types/a.checked', { schema, validate: true });
});

const ownId = () => `evt_${randomBytes(16).toString('hex')}`;

/** Publishes them in one request; what was accepted must come in that order. */
async function expectOrder(tenant: string, events: { data: { n: number } }[]): Promise<void> {
  const { status, body } = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, { events });
  expect(status).toBe(202);
  const accepted = events.filter((_, index) => body.results[index].delivery_ids !== undefined);
  await rig.calls(`/${tenant}`, accepted.length);
  const received = rig.receiver.at(`/${tenant}`).map(numberOf);
  expect(received).toEqual(accepted.map(({ data }) => data.n));
}

it.each<[string, (n: number) => Json]>([
  ['some are checked against a schema', (n) => ({ type: n % 3 === 0 ? 'a.checked' : 'a.b' })],
  ['some are refused by their schema', (n) => (n % 4 === 1 ? { type: 'a.checked', data: { n: -n } } : {})],
  ['some have ids of our form', (n) => (n % 2 === 0 ? { id: ownId() } : {})],
  ['some are not valid', (n) => (n % 5 === 0 ? { type: '' } : { id: n % 2 === 0 ? ownId() : undefined })],
])('%s', async (_, settings) => {
  const tenant = newTenant();
  await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo' });
  // What the first one finds out about the tenant is not to matter.
  await rig.publish(tenant, { data: { n: 100 } });
  await rig.calls(`/${tenant}`, 1);
  rig.receiver.received.length = 0;
  await expectOrder(
    tenant,
    numbers(0, 29).map((n) => ({ type: 'a.b', data: { n }, ...settings(n) })),
  );
});

it('some are for more endpoints than are written together', async () => {
  const tenant = newTenant();
  await rig.endpoint(tenant, `/${tenant}`, { ordering: 'fifo', events: ['a.b', 'a.wide'] });
  await Promise.all(
    numbers(1, 100).map(() => rig.endpoint(tenant, `/${tenant}-others`, { events: ['a.wide'] })),
  );
  await expectOrder(
    tenant,
    numbers(0, 11).map((n) => ({ type: n % 4 === 1 ? 'a.wide' : 'a.b', data: { n } })),
  );
});
