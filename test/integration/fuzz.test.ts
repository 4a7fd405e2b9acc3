/**
 * Whatever is asked, in whatever form: never a 5xx, never a hang, and every answer is as the OpenAPI document says.
 * FUZZ_REQUESTS=20000 asks for longer, FUZZ_SEED=n for the same again.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inParallel, operations, sendPatiently } from '../support/operations.ts';
import { fuzzedRequests, type FuzzedRequest, type Surroundings } from '../support/fuzz-requests.ts';
import { newTenant, useRig } from '../support/rig.ts';

const rig = useRig({ WORKFLOW_STARTS_PER_SECOND: '20' });
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 700);
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

async function surroundings(): Promise<Surroundings> {
  const [tenant, other] = [newTenant(), newTenant()];
  const doomedTenants = [newTenant(), newTenant()];
  for (const one of doomedTenants) await rig.call('PUT', `/v1/tenants/${one}`, {});
  const endpoints = await Promise.all(Array.from({ length: 6 }, () => rig.endpoint(tenant, '/fuzz')));
  const event = await rig.publish(tenant);
  const endpointIds = endpoints.map(({ id }) => id as string);
  const replay = await rig.call('POST', `/v1/tenants/${tenant}/replays`, {
    endpoint_id: endpointIds[0],
    since: new Date(Date.now() - 60_000),
  });
  const key = async () =>
    (await rig.call('POST', '/v1/keys', { name: 'fuzz', scopes: ['read'] })).body.id as string;
  const ids = [
    ...endpointIds.slice(0, 3),
    event.id,
    ...event.delivery_ids.slice(0, 3),
    replay.body.id,
    await key(),
  ];
  return {
    tenants: [tenant, tenant, tenant, other],
    doomedTenants,
    ids,
    doomedIds: [...endpointIds.slice(3), await key(), await key()],
    endpointIds: endpointIds.slice(0, 3),
    urls: [`${rig.receiver.url}/fuzz`, 'http://127.0.0.1:1/closed'],
  };
}

const shown = (request: FuzzedRequest): string =>
  JSON.stringify({ ...request, body: request.body?.toString('latin1') }).slice(0, 1_500);

it(`never a 5xx, never a hang, never what the document has not (FUZZ_SEED=${SEED})`, async () => {
  const requests = fc.sample(fuzzedRequests(await surroundings()), { seed: SEED, numRuns: REQUESTS });
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  await inParallel(requests, 16, async (request) => {
    try {
      const { status, text } = await sendPatiently(rig.url, request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500) wrong.push(`${status}: ${text}\n  ${shown(request)}`);
      // Nothing of our own insides.
      if (/node_modules|\.ts:\d+|at \w+ \(/.test(text) && status >= 400) wrong.push(`a stack: ${text}`);
    } catch (error) {
      wrong.push(`${(error as Error).message.slice(0, 1_000)}\n  ${shown(request)}`);
    }
  });
  if (process.env.FUZZ_REQUESTS) console.log(Object.fromEntries([...statuses].sort(([a], [b]) => a - b)));
  expect(wrong.slice(0, 10), `${wrong.length} of ${REQUESTS}, with FUZZ_SEED=${SEED}`).toEqual([]);
  // Else it asks for nothing that is there.
  if (REQUESTS >= 700) {
    const accepted = [...statuses].reduce((sum, [status, n]) => sum + (status < 300 ? n : 0), 0);
    expect(accepted).toBeGreaterThan(REQUESTS / 10);
    expect(new Set(requests.map(({ operation }) => operation)).size).toBe(operations.length);
  }
});
