import { expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import { startTestPosthorn, type Answer } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

const NOISY = { jsonata: '{"text": type & ": " & data.n, "made": $millis(), "by": $random()}' };
const LOOP = '($f := function($n){$f($n + 1)}; $f(0))';
const endpointPath = (tenant: string, id: string) => `/v1/tenants/${tenant}/endpoints/${id}`;
/** On a machine that is busy, a thread may not be had in time: that is said, and worth another try. */
const calm = (call: () => Promise<Answer>) => until(call, ({ status }) => status !== 503);
const patch = (tenant: string, id: string, body: object) =>
  calm(() => rig.call('PATCH', endpointPath(tenant, id), body));
const preview = (tenant: string, id: string, body?: object) =>
  calm(() => rig.call('POST', `${endpointPath(tenant, id)}/preview`, body));
const retry = (tenant: string, delivery: string) =>
  rig.call('POST', `/v1/tenants/${tenant}/deliveries/${delivery}/retry`);

/** One event for an endpoint of a new tenant whose receiver answers like that. */
async function sent(settings: object, answer = 200) {
  const tenant = newTenant();
  rig.receiver.answerAt(`/${tenant}`, answer);
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, settings);
  const [delivery] = (await rig.publish(tenant)).delivery_ids;
  return { tenant, path: `/${tenant}`, endpoint, delivery: delivery! };
}

it('what a template makes is signed, sent, and shown as what was sent', async () => {
  const { tenant, path, endpoint, delivery } = await sent({
    template: { preset: 'slack', title: 'No. {data.n}' },
  });
  const [received] = await rig.calls(path, 1);
  const { headers, body } = received!;
  expect(JSON.parse(body)).toMatchObject({ text: 'No. 1' });
  expect(headers['content-type']).toBe('application/json');
  await verifyWebhook({ profile: 'standard', secret: endpoint.secret, headers, body });
  expect(await rig.settled(tenant, delivery, 'succeeded')).toMatchObject({ request_body: body });
  expect(endpoint).toMatchObject({ template: { preset: 'slack', title: 'No. {data.n}' }, warnings: [] });
});

it('every attempt sends the same bytes, whatever becomes of the template, in another process, too', async () => {
  const { tenant, path, endpoint, delivery } = await sent(
    { template: NOISY, retry_schedule_seconds: [3600, 3600] },
    500,
  );
  const [first] = await rig.calls(path, 1);
  await rig.settled(tenant, delivery, 'retrying');
  await patch(tenant, endpoint.id, { template: { jsonata: '{"other": true}' } });
  await retry(tenant, delivery);
  await rig.calls(path, 2);
  await patch(tenant, endpoint.id, { template: null });
  await retry(tenant, delivery);
  const received = await rig.calls(path, 3);
  expect(JSON.parse(first!.body)).toMatchObject({ text: 'a.b: 1' });
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  await rig.publish(tenant);
  expect(JSON.parse((await rig.calls(path, 4))[3]!.body)).toMatchObject({ type: 'a.b', data: { n: 1 } });
});

it('what was sent without a template stays so when one is set', async () => {
  const { tenant, path, endpoint, delivery } = await sent({ retry_schedule_seconds: [3600] }, 500);
  await rig.settled(tenant, delivery, 'retrying');
  await patch(tenant, endpoint.id, { template: NOISY });
  await retry(tenant, delivery);
  const [first, second] = await rig.calls(path, 2);
  expect(second!.body).toBe(first!.body);
});

it('an attempt whose template fails sends nothing and says why; mended, it goes on', async () => {
  const { tenant, path, endpoint, delivery } = await sent({
    template: { jsonata: '{"n": data.n + "x"}' },
    retry_schedule_seconds: [3600],
  });
  const failed = await rig.settled(tenant, delivery, 'retrying');
  expect(failed).toMatchObject({ last_error_class: 'template', request_body: null, last_status_code: null });
  expect(failed.attempts[0].error).toMatchObject({
    class: 'template',
    message: expect.stringMatching(/template failed: .*character \d+/) as string,
  });
  expect(endpoint.warnings).toMatchObject([{ path: 'template' }]);
  expect(rig.receiver.at(path)).toEqual([]);
  await patch(tenant, endpoint.id, { template: { jsonata: '{"n": data.n}' } });
  await retry(tenant, delivery);
  expect((await rig.calls(path, 1))[0]!.body).toBe('{"n":1}');
  const listed = await rig.call(
    'GET',
    `/v1/tenants/${tenant}/attempts?endpoint_id=${endpoint.id}&error_class=template`,
  );
  expect(listed.body.data).toHaveLength(1);
});

it.each([
  ['no expression', { jsonata: '{"a": ' }, 'template.jsonata'],
  ['a loop', { jsonata: LOOP }, 'template.jsonata'],
  ['growth without end', { jsonata: '($f := function($s){$f($s & $s)}; $f("x"))' }, 'template.jsonata'],
  ['an unknown preset', { preset: 'myspace' }, 'template'],
  ['an unknown field', { preset: 'slack', colour: 'red' }, 'template.colour'],
  ['nothing', {}, 'template'],
  ['a text', 'slack', 'template'],
])('a template with %s is refused by name', async (_what, template, path) => {
  const tenant = newTenant();
  const settings = { url: `${rig.receiver.url}/x`, template };
  expectProblem(await calm(() => rig.call('POST', `/v1/tenants/${tenant}/endpoints`, settings)), 422, path);
  const { id } = await rig.endpoint(tenant, '/x');
  expectProblem(await patch(tenant, id, { template }), 422, path);
  expectProblem(await preview(tenant, id, { template }), 422, path);
  expect((await rig.call('GET', endpointPath(tenant, id))).body.template).toBeNull();
});

it('a preview shows what would be sent, of an example or of what is given, stored or tried, and sends nothing', async () => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, `/${tenant}`, {
    profile: 'agentbot',
    auth: { type: 'bearer', token: 'very-secret-token' },
    headers: { 'X-Own': 'own-value' },
  });
  const plain = await preview(tenant, id);
  expect(plain).toMatchObject({
    status: 200,
    body: { method: 'POST', headers: { Authorization: '[redacted]', 'X-Own': '[redacted]' } },
  });
  expect(JSON.parse(plain.body.body)).toMatchObject({ event: 'conversation.created' });
  expect(plain.body.headers['X-Agentbot-Signature']).toMatch(/^t=\d+,v1=/);
  const tried = await preview(tenant, id, {
    type: 'x.y',
    data: { n: 3 },
    template: { jsonata: '{"is": data.n, "of": type}' },
  });
  expect(tried.body.body).toBe('{"is":3,"of":"x.y"}');
  expectProblem(
    await preview(tenant, id, { template: { jsonata: 'data.n + "x"' } }),
    422,
    'template.jsonata',
  );
  expectProblem(await preview(tenant, 'ep_none'), 404);
  await patch(tenant, id, { template: { preset: 'discord' } });
  expect(JSON.parse((await preview(tenant, id)).body.body)).toMatchObject({
    embeds: [{ title: 'conversation.created' }],
  });
  expect(rig.receiver.at(`/${tenant}`)).toEqual([]);
});

it('a template that loops costs its own tenant, and others nothing', async () => {
  // It fits its example, and loops for what is published.
  const loops = { jsonata: `data.n = 1 ? ${LOOP} : {"ok": true}` };
  const [bad, good] = [newTenant(), newTenant()];
  const { id } = await rig.endpoint(bad, `/${bad}`, { template: loops, retry_schedule_seconds: [3600] });
  await rig.endpoint(good, `/${good}`, { template: NOISY });
  const stuck = await Promise.all(Array.from({ length: 6 }, () => rig.publish(bad)));
  const began = performance.now();
  await rig.publish(good);
  await rig.calls(`/${good}`, 1);
  const goodMs = performance.now() - began;
  const last = await Promise.all(stuck.map(({ delivery_ids: [one] }) => rig.settled(bad, one!, 'retrying')));
  const badMs = performance.now() - began;
  expect(goodMs, `${goodMs} ms beside ${badMs} ms`).toBeLessThan(badMs / 2);
  const messages = last.map((one: Json) => one.attempts[0].error.message as string);
  expect(
    messages.every((one) => /longer than 500 ms|not tried for \d+ s/.test(one)),
    messages.join('\n'),
  ).toBe(true);
  expect(messages.some((one) => /not tried for/.test(one))).toBe(true);
  // Another template is another chance.
  await patch(bad, id, { template: { jsonata: '{"n": data.n}' } });
  await retry(bad, stuck[0]!.delivery_ids[0]!);
  expect((await rig.calls(`/${bad}`, 1))[0]!.body).toBe('{"n":1}');
});

it.each([
  ['a long list', '$count([1..9999999].[1..9999999])'],
  ['a long text', '$uppercase($pad("", 300000000))'],
])('a template that asks for %s at once ends nothing but itself', async (_what, jsonata) => {
  const tenant = newTenant();
  const { id } = await rig.endpoint(tenant, '/x');
  expectProblem(await preview(tenant, id, { template: { jsonata } }), 422, 'template.jsonata');
  expect((await preview(tenant, id, { template: { jsonata: '{"a": 1}' } })).body.body).toBe('{"a":1}');
});

it('a body that a template has made outlives the process that sent it', async () => {
  const { tenant, path, delivery } = await sent({ template: NOISY, retry_schedule_seconds: [3600] }, 500);
  await rig.settled(tenant, delivery, 'retrying');
  const other = await startTestPosthorn({ POSTHORN_TASK_QUEUE: rig.config.taskQueue }, rig.databaseUrl);
  try {
    await rig.posthorn.stop();
    await other.call('POST', `/v1/tenants/${tenant}/deliveries/${delivery}/retry`);
    const [first, second] = await rig.calls(path, 2);
    expect(second!.body).toBe(first!.body);
    const gone = () => other.call('GET', `/v1/tenants/${tenant}/deliveries/${delivery}`);
    await until(gone, ({ body }) => body.attempts.length === 2);
  } finally {
    await other.stop();
  }
});
