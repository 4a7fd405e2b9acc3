/** 64-bit ids and long decimals arrive digit by digit, whichever way an event comes in. */
import { expect, it } from 'vitest';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig();
const DATA = '{"id":9007199254740993,"price":0.1000000000000000055511151231257827,"n":1}';
const EVENT = `{"type":"a.b","data":${DATA}}`;

async function received(publish: (tenant: string, endpointId: string) => Promise<unknown>) {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, `/${tenant}`);
  await publish(tenant, id);
  const [request] = await rig.calls(`/${tenant}`, 1);
  return { tenant, body: request!.body };
}

const post = (path: string, body: string) => rig.call('POST', `/v1/tenants/${path}`, body);

it('one event', async () => {
  const { tenant, body } = await received((to) => post(`${to}/events`, EVENT));
  expect(body).toContain(DATA);
  const [{ id }] = (await rig.call('GET', `/v1/tenants/${tenant}/events`)).body.data;
  const shown = await fetch(`${rig.url}/v1/tenants/${tenant}/events/${id}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  expect(await shown.text()).toContain(DATA);
});

it('a batch', async () => {
  const { body } = await received((to) => post(`${to}/events/batch`, `{"events":[${EVENT}]}`));
  expect(body).toContain(DATA);
});

it('a test event', async () => {
  const { body } = await received((to, endpoint) => post(`${to}/endpoints/${endpoint}/test`, EVENT));
  expect(body).toContain(DATA);
});

it('publishEvent, started with any SDK', async () => {
  const { body } = await received((tenant) => {
    // As a platform's worker in another language would send it.
    const raw = {
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(`{"tenant":"${tenant}",${EVENT.slice(1)}`),
    };
    const { connection, options } = rig.temporal;
    return connection.workflowService.startWorkflowExecution({
      namespace: options.namespace,
      workflowId: `publish-${tenant}`,
      requestId: tenant,
      workflowType: { name: 'publishEvent' },
      taskQueue: { name: rig.config.taskQueue },
      input: { payloads: [raw] },
    });
  });
  expect(body).toContain(DATA);
});
