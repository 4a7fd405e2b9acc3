/** `posthorn listen`: an endpoint for as long as somebody looks. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyWebhook } from '../../src/sdk/verify/index.ts';
import { runCli, startCli, type Going } from '../support/cli.ts';
import { API_KEY } from '../support/posthorn.ts';
import { newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

/** The program that it forwards to: what came, byte by byte, and what it answers. */
const local = { url: '', status: 202, came: [] as { request: IncomingMessage; body: Buffer }[] };
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    local.came.push({ request, body: Buffer.concat(chunks) });
    response
      .writeHead(local.status, { 'content-type': 'text/plain', 'retry-after': '7' })
      .end('as the program says');
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  local.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const envOf = (tenant: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  POSTHORN_URL: rig.url,
  POSTHORN_API_KEY: API_KEY,
  POSTHORN_TENANT: tenant,
  ...more,
});

async function listening(
  tenant: string,
  ...args: string[]
): Promise<{ going: Going; id: string; url: string }> {
  const going = startCli(['listen', '--json', ...args], { env: envOf(tenant) });
  await going.says(/"kind":"listening"/);
  const [first] = going.records();
  return { going, id: String(first!.endpoint_id), url: String(first!.url) };
}

const received = (going: Going, count: number): Promise<Json[]> =>
  until(
    () => going.records().filter(({ kind }) => kind === 'received'),
    (records) => records.length >= count,
  );

const endpointsOf = async (tenant: string): Promise<Json[]> =>
  (await rig.call('GET', `/v1/tenants/${tenant}/endpoints`)).body.data;

it('verifies what comes, hands it on as it came, answers as that program does, and takes its endpoint away', async () => {
  const tenant = newTenant();
  const { going, id } = await listening(tenant, '--events', 'order.*', '--forward', `${local.url}/hook?x=1`);
  const [endpoint] = await endpointsOf(tenant);
  expect(endpoint).toMatchObject({ id, events: ['order.*'], notify_on_failure: false });
  const rotated = await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${id}/secret/rotate`);

  const data = { n: 1, text: 'ü\u001b[2J' };
  const event = await rig.publish(tenant, { type: 'order.paid', data });
  const [one] = await received(going, 1);
  expect(one).toMatchObject({
    verified: true,
    detail: 'signature verified (standard)',
    event_id: event.id,
    event_type: 'order.paid',
    body: { data },
    status: 202,
    forwarded: { status: 202, problem: null },
  });
  const { request, body } = local.came[0]!;
  expect(request.method).toBe('POST');
  expect(request.url).toBe('/hook?x=1');
  expect(request.headers.host).toBe(new URL(local.url).host);
  expect(body.toString()).toBe(one.body_text);
  for (const name of ['webhook-id', 'webhook-signature', 'content-type', 'User-Agent'])
    expect(request.headers[name.toLowerCase()], name).toBe(one.headers[name]);
  // So that program can verify it, too: by a secret that listen itself has never seen.
  const { secret } = rotated.body as { secret: string };
  const verified = await verifyWebhook({ profile: 'standard', secret, headers: request.headers, body });
  expect(verified.data).toEqual(data);
  const delivery = await rig.settled(tenant, event.delivery_ids[0]!, 'succeeded');
  expect(delivery.attempts[0]).toMatchObject({ status_code: 202, response: { body: 'as the program says' } });

  // What is not signed is nobody's: it is shown, refused, and not handed on.
  const { url } = going.records()[0] as { url: string };
  const forged = await fetch(url, { method: 'POST', body: '{"type":"order.paid"}' });
  expect(forged.status).toBe(401);
  const [, two] = await received(going, 2);
  expect(two).toMatchObject({ verified: false, status: 401, forwarded: null });
  expect(local.came).toHaveLength(1);

  const { code, stdout } = await going.end('SIGINT');
  expect(code).toBe(0);
  expect(stdout.trim().split('\n').at(-1)).toBe(
    JSON.stringify({ kind: 'ended', endpoint_id: id, deleted: true }),
  );
  expect(await endpointsOf(tenant)).toEqual([]);
});

it('shows people what came, without what would command their terminal', async () => {
  const tenant = newTenant();
  const args = ['listen', '--headers', '--count', '1', '--profile', '8bit'];
  const going = startCli(args, { env: envOf(tenant, { FORCE_COLOR: '1' }) });
  await going.says(/Ctrl-C ends it/);
  const number = '12345678901234567890';
  await rig.call(
    'POST',
    `/v1/tenants/${tenant}/events`,
    `{"type":"a.b","data":{"n":${number},"t":"\\u001b[2J\u009b1m"}}`,
  );
  const { code, stdout } = await going.ended;
  expect(code).toBe(0);
  const plain = stdout.replaceAll(/\u001b\[\d+m/g, '');
  expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(plain).toMatch(/a\.b · evt_\w+ · \d+ bytes · ✓ signature verified \(8bit\) → 200/);
  expect(plain).toContain(`"n": ${number}`);
  expect(plain).toMatch(/^ {2}X-8bit-Signature-256: [0-9a-f]{64}$/m);
  expect(plain).toMatch(/ep_\w+ is gone\.\n$/);
  expect(await endpointsOf(tenant)).toEqual([]);
});

it('answers as it is told, and says when the program it forwards to is not there', async () => {
  const tenant = newTenant();
  const nobody = 'http://127.0.0.1:1/hook';
  const { going } = await listening(tenant, '--forward', nobody);
  const other = await listening(tenant, '--status', '418');
  const event = await rig.publish(tenant);
  const [one] = await received(going, 1);
  expect(one).toMatchObject({
    verified: true,
    status: 502,
    forwarded: { status: null, problem: expect.any(String) },
  });
  expect((await received(other.going, 1))[0]).toMatchObject({ verified: true, status: 418, forwarded: null });
  await until(
    () => Promise.all(event.delivery_ids.map((id) => rig.delivery(tenant, id))),
    (deliveries) =>
      deliveries
        .map(({ last_status_code: code }) => code as number)
        .toSorted()
        .join() === '418,502',
  );
  // SIGTERM, as from a supervisor, ends it as well; what was in its retries is cancelled with its endpoint.
  const ended = await Promise.all([going.end('SIGTERM'), other.going.end('SIGHUP')]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect(await endpointsOf(tenant)).toEqual([]);
  for (const id of event.delivery_ids) await rig.settled(tenant, id, 'cancelled');
});

it('says what is left to do where its endpoint could not be taken away', async () => {
  const tenant = newTenant();
  const key = await rig.call('POST', '/v1/keys', { name: 'x', scopes: ['manage'], tenant_id: tenant });
  const going = startCli(['listen'], { env: envOf(tenant, { POSTHORN_API_KEY: key.body.key }) });
  await going.says(/Ctrl-C ends it/);
  await rig.call('DELETE', `/v1/keys/${key.body.id}`);
  const [endpoint] = await endpointsOf(tenant);
  const { code, stderr } = await going.end('SIGINT');
  expect(code).toBe(1);
  expect(stderr).toContain(`posthorn endpoints delete ${endpoint.id}`);
});

it('does not begin where the port is taken, the profile unknown or the key refused; nothing is made then', async () => {
  const tenant = newTenant();
  const port = new URL(local.url).port;
  const [taken, unknown, refused] = await Promise.all([
    runCli(['listen', '--port', port], { env: envOf(tenant) }),
    runCli(['listen', '--profile', 'nobodys'], { env: envOf(tenant) }),
    runCli(['listen'], { env: envOf(tenant, { POSTHORN_API_KEY: 'a-wrong-key-of-nobody' }) }),
  ]);
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('the port is in use') });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('there are standard, 8bit') });
  expect(refused.code).toBe(4);
  expect(await endpointsOf(tenant)).toEqual([]);
});
