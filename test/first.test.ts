import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPosthorn, type TestPosthorn } from './support/posthorn.ts';
import { startTestReceiver, type TestReceiver } from './support/receiver.ts';
import { until } from './support/until.ts';

let app: TestPosthorn;
let receiver: TestReceiver;
beforeAll(async () => {
  [app, receiver] = await Promise.all([startTestPosthorn(), startTestReceiver()]);
});
afterAll(async () => {
  await app.stop();
  await receiver.stop();
});

it('delivers a published event to the endpoint that wants it', async () => {
  const endpoint = await app.call('POST', '/v1/tenants/acme/endpoints', { url: `${receiver.url}/a` });
  expect(endpoint.status).toBe(201);
  const event = await app.call('POST', '/v1/tenants/acme/events', { type: 'a.b', data: { n: 1 } });
  expect(event.status).toBe(202);
  const id = event.body.delivery_ids[0];
  const delivery = await until(
    () => app.call('GET', `/v1/tenants/acme/deliveries/${id}`),
    (d) => d.body.status === 'succeeded',
  );
  expect(receiver.at('/a')).toHaveLength(1);
  expect(delivery.body.attempts).toHaveLength(1);
});
