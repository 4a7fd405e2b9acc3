/** Deliveries as server-sent events: what is there at first, then what changes, for so many and no more. */
import { afterEach, expect, it } from 'vitest';
import { API_KEY, callApi } from '../support/posthorn.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';

const rig = useRig();
const open: AbortController[] = [];
afterEach(() => open.splice(0).forEach((one) => one.abort()));

async function watch(tenant: string, query = '') {
  const controller = new AbortController();
  open.push(controller);
  const url = `${rig.url}/v1/tenants/${tenant}/deliveries/stream${query}`;
  const headers = { authorization: `Bearer ${API_KEY}` };
  const response = await fetch(url, { headers, signal: controller.signal });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  /** The next event's data. */
  return async (): Promise<Json> => {
    while (!text.includes('\n\n')) text += (await reader.read()).value ?? '';
    const [event = ''] = text.split('\n\n');
    text = text.slice(event.length + 2);
    return JSON.parse(/^data: (.*)$/m.exec(event)![1]!) as Json;
  };
}

it('sends what is there, then what is new, what has changed, and what no longer fits', async () => {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, 500);
  await rig.endpoint(tenant, `/${tenant}`, { max_retries: 1 });
  const { delivery_ids: ids } = await rig.publish(tenant);
  await rig.settled(tenant, ids[0]!, 'retrying');
  const next = await watch(tenant, '?status=retrying');
  expect((await next()).data.map(({ id }: Json) => id)).toEqual(ids);
  await rig.call('POST', `/v1/tenants/${tenant}/deliveries/${ids[0]}/cancel`);
  expect(await next()).toEqual({ data: [], gone: ids });
  // Another tenant's are none of its business.
  await rig.publish(newTenant());
  const second = await rig.publish(tenant);
  const { data } = await next();
  expect(data.map(({ id }: Json) => id)).toEqual(second.delivery_ids);
});

it('is for twenty of a tenant at a time; others have their own', async () => {
  const tenant = newTenant();
  await Promise.all(Array.from({ length: 20 }, () => watch(tenant).then((next) => next())));
  const refused = await callApi(`${rig.url}/v1/tenants/${tenant}/deliveries/stream`, 'GET');
  expect(refused.status).toBe(429);
  await (
    await watch(newTenant())
  )();
});

it('counts those that are asked for at the same moment, too', async () => {
  const tenant = newTenant();
  const answers = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const controller = new AbortController();
      open.push(controller);
      const url = `${rig.url}/v1/tenants/${tenant}/deliveries/stream`;
      const headers = { authorization: `Bearer ${API_KEY}` };
      return (await fetch(url, { headers, signal: controller.signal })).status;
    }),
  );
  expect(answers.filter((status) => status === 200)).toHaveLength(20);
  expect(answers.filter((status) => status === 429)).toHaveLength(10);
});

it('ends when the token it was asked for with is revoked', async () => {
  const tenant = newTenant();
  const tokens = `/v1/tenants/${tenant}/tokens`;
  const { token } = (await rig.call('POST', tokens, { capability: 'read' })).body;
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${rig.url}/v1/tenants/${tenant}/deliveries/stream`, { headers });
  expect(response.status).toBe(200);
  await rig.call('DELETE', tokens);
  const reader = response.body!.getReader();
  while (!(await reader.read()).done);
});
