/** The client reaches every operation of docs/openapi.json, each as it is described there. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientTypes } from '../../scripts/client-types.mjs';
import { createClient, type Operation, type PosthornClient } from '../../src/sdk/client/index.ts';
import type { OpenApiDocument } from '../../src/api/openapi/document.ts';

const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApiDocument;

async function rows(list: AsyncIterable<unknown>): Promise<void> {
  for await (const _row of list);
}
const endpoint = { url: 'https://hooks.example.com' };
const event = { type: 'order.paid', data: { order: 1 } };

/** `/docs` is a page for people, and what goes on for ever is read with fetch. */
const WITHOUT = ['getDocs', 'streamDeliveries'] as const;
const CALLS: Record<
  Exclude<Operation, (typeof WITHOUT)[number]>,
  (client: PosthornClient) => Promise<unknown>
> = {
  listTenants: ({ tenants }) => rows(tenants.list({ search: 'x' })),
  getTenant: ({ tenants }) => tenants.get('t1'),
  putTenant: ({ tenants }) => tenants.put('t1', { name: 'T' }),
  deleteTenant: ({ tenants }) => tenants.delete('t1'),
  createEndpoint: ({ endpoints }) => endpoints.create(endpoint),
  listEndpoints: ({ endpoints }) => rows(endpoints.list({ limit: 1 })),
  getEndpoint: ({ endpoints }) => endpoints.get('x1'),
  changeEndpoint: ({ endpoints }) => endpoints.update('x1', { name: 'CRM' }),
  deleteEndpoint: ({ endpoints }) => endpoints.delete('x1'),
  enableEndpoint: ({ endpoints }) => endpoints.enable('x1', { held: 'discard' }),
  disableEndpoint: ({ endpoints }) => endpoints.disable('x1'),
  rotateSecret: ({ endpoints }) => endpoints.rotateSecret('x1', { grace_seconds: 0 }),
  previewRequest: ({ endpoints }) => endpoints.preview('x1', { type: 'order.paid' }),
  testEndpoint: ({ endpoints }) => endpoints.test('x1', { wait: true }),
  testSecret: ({ endpoints }) => endpoints.testSecret('x1', { flaw: 'signature' }),
  endPreviousSecrets: ({ endpoints }) => endpoints.endPreviousSecrets('x1'),
  previewUnsavedEndpoint: ({ endpoints }) => endpoints.previewUnsaved(endpoint),
  tryEndpoint: ({ endpoints }) => endpoints.try(endpoint),
  getEndpointStatistics: ({ endpoints }) => endpoints.stats('x1', { interval: 'day' }),
  publishEvent: ({ publish }) => publish(event),
  publishBatch: ({ publishBatch }) => publishBatch([event]),
  listEvents: ({ events }) => rows(events.list({ type: 'order.paid' })),
  countEventTypes: ({ events }) => events.counts({ since: '2026-01-01' }),
  getEvent: ({ events }) => events.get('x1'),
  listDeliveries: ({ deliveries }) => rows(deliveries.list({ status: ['failed', 'held'] })),
  getDelivery: ({ deliveries }) => deliveries.get('x1'),
  getDeliveryHistory: ({ deliveries }) => deliveries.history('x1'),
  retryDelivery: ({ deliveries }) => deliveries.retry('x1'),
  cancelDelivery: ({ deliveries }) => deliveries.cancel('x1'),
  listAttempts: ({ attempts }) => rows(attempts.list({ endpoint_id: 'x1', since: new Date() })),
  createReplay: ({ replays }) => replays.create({ endpoint_id: 'x1', since: '2026-01-01' }),
  listReplays: ({ replays }) => rows(replays.list()),
  getReplay: ({ replays }) => replays.get('x1'),
  pauseReplay: ({ replays }) => replays.pause('x1'),
  resumeReplay: ({ replays }) => replays.resume('x1'),
  cancelReplay: ({ replays }) => replays.cancel('x1'),
  getTenantStatistics: ({ stats }) => stats({ by: 'endpoint' }),
  listEventTypes: ({ eventTypes }) => rows(eventTypes.list({ archived: 'all' })),
  getEventType: ({ eventTypes }) => eventTypes.get('order.paid', { profile: 'eev' }),
  putEventType: ({ eventTypes }) => eventTypes.put('order.paid', { description: 'Paid.' }),
  deleteEventType: ({ eventTypes }) => eventTypes.delete('order.paid'),
  importEventTypes: ({ eventTypes }) => eventTypes.import({ document: {} }),
  createKey: ({ keys }) => keys.create({ name: 'CI', scopes: ['publish'] }),
  listKeys: ({ keys }) => rows(keys.list({ tenant_id: 't1' })),
  getKey: ({ keys }) => keys.get('x1'),
  changeKey: ({ keys }) => keys.update('x1', { name: 'CI' }),
  revokeKey: ({ keys }) => keys.revoke('x1'),
  createToken: ({ tokens }) => tokens.create({ capability: 'read' }),
  revokeTokens: ({ tokens }) => tokens.revokeAll(),
  listTenantAudit: ({ audit }) => rows(audit.list({ subject_id: 'x1' })),
  listAudit: ({ audit }) => rows(audit.listDeployment({ actor_id: 'x1' })),
  listNotifications: ({ notifications }) => rows(notifications.list({ kind: ['endpoint.failing'] })),
  listAllNotifications: ({ notifications }) => rows(notifications.listDeployment({ status: ['not_sent'] })),
  getOperations: ({ operations }) => operations(),
  listFailingEndpoints: ({ failingEndpoints }) => rows(failingEndpoints({ limit: 1 })),
  listTenantVolumes: ({ tenantVolumes }) => tenantVolumes({ interval: 'day' }),
  getSettings: ({ settings }) => settings(),
  listEgressIps: ({ egressIps }) => egressIps(),
  getMe: ({ me }) => me(),
  listProfiles: ({ profiles }) => profiles(),
  getMetrics: ({ metrics }) => metrics(),
  getHealth: ({ health }) => health(),
  getReadiness: ({ readiness }) => readiness(),
  getOpenApi: ({ openApi }) => openApi(),
};

interface Described {
  method: string;
  path: string;
  parameters: { $ref?: string; in?: string; name: string }[];
  takesBody: boolean;
}
const DESCRIBED = new Map<string, Described>(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => [
      operationId,
      {
        method: method.toUpperCase(),
        path,
        parameters: parameters as unknown as Described['parameters'],
        takesBody: requestBody !== undefined,
      },
    ]),
  ),
);

test('there is a call for each operation', () => {
  expect([...Object.keys(CALLS), ...WITHOUT].sort()).toEqual([...DESCRIBED.keys()].sort());
});

test.each(Object.entries(CALLS))('%s is asked for as it is described', async (operation, ask) => {
  const { method, path, parameters, takesBody } = DESCRIBED.get(operation)!;
  const asked: { url: URL; init: RequestInit }[] = [];
  const client = createClient({
    baseUrl: 'http://posthorn.example/',
    apiKey: 'a-key',
    tenant: 't1',
    fetch: async (url, init = {}) => {
      asked.push({ url: new URL(url as string), init });
      if (operation === 'getMetrics')
        return new Response('up 1', { headers: { 'content-type': 'text/plain' } });
      return Response.json({ data: [], next_cursor: null });
    },
  });
  await ask(client);
  expect(asked.length).toBe(1);
  const { url, init } = asked[0]!;
  expect(init.method).toBe(method);
  const filled = path.replace('{tenant}', 't1').replace('{id}', 'x1').replace('{name}', 'order.paid');
  expect(url.pathname).toBe(filled);
  const known = parameters.filter((each) => each.in === 'query').map((each) => each.name);
  expect(known).toEqual(expect.arrayContaining([...url.searchParams.keys()]));
  // An example of each query is among the calls above, unless there is none.
  if (known.length > 0 && operation !== 'listReplays') expect([...url.searchParams.keys()]).not.toEqual([]);
  expect(init.body !== undefined).toBe(takesBody);
  const headers = new Headers(init.headers);
  expect(headers.get('authorization')).toBe('Bearer a-key');
  const isKeyed = parameters.some(({ $ref }) => $ref?.endsWith('/idempotency-key'));
  expect(headers.has('idempotency-key')).toBe(isKeyed);
});

test('its types are what the document makes (to renew them: node scripts/client-types.mjs)', async () => {
  for (const [file, text] of Object.entries(await clientTypes()))
    expect(readFileSync(file, 'utf8')).toBe(text);
});
