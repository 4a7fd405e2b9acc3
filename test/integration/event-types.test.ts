import { expect, it } from 'vitest';
import { startTestPosthorn, type Answer } from '../support/posthorn.ts';
import { expectProblem, newTenant, useRig, type Json } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = useRig();

/** On a machine that is busy, a thread may not be had in time: that is said, and worth another try. */
const calm = (call: () => Promise<Answer>) => until(call, ({ status }) => status !== 503);
const put = (name: string, body: object) => calm(() => rig.call('PUT', `/v1/event-types/${name}`, body));
const get = async (query: string): Promise<Json> => (await rig.call('GET', `/v1/event-types${query}`)).body;
const importing = (body: object) => calm(() => rig.call('POST', '/v1/event-types/import', body));
const publish = (tenant: string, type: string, data: object, more: object = {}) =>
  calm(() => rig.call('POST', `/v1/tenants/${tenant}/events`, { type, data, ...more }));

const invoice = {
  type: 'object',
  required: ['amount'],
  properties: {
    amount: { type: 'integer', minimum: 1 },
    email: { type: 'string', format: 'email' },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
  },
  additionalProperties: false,
  $defs: { line: { type: 'object', properties: { price: { type: 'number' } } } },
};

it('a type of its own is made, replaced as a whole, listed beside those of the profiles, and deleted', async () => {
  const made = await put('invoice.paid', { description: 'Paid.', group: 'billing', schema: invoice });
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'invoice.paid', profile: null, group: 'billing', schema: invoice, warnings: [] },
  });
  expect(made.body).toMatchObject({
    validate: false,
    archived: false,
    deprecated: false,
    example_is_generated: true,
  });
  expect(made.body.example).toMatchObject({ amount: 1, lines: [{ price: expect.any(Number) as number }] });
  const replaced = await put('invoice.paid', { example: { amount: 2 }, deprecated: true });
  expect(replaced).toMatchObject({
    status: 200,
    body: { schema: null, description: null, example: { amount: 2 } },
  });
  expect(await get('/invoice.paid')).toMatchObject({
    deprecated: true,
    example_is_generated: false,
    created_at: made.body.created_at,
  });
  expect((await get('?limit=200')).data).toContainEqual(expect.objectContaining({ name: 'invoice.paid' }));
  expect((await get('?profile=8bit&limit=200')).data.some((one: Json) => one.name === 'invoice.paid')).toBe(
    false,
  );
  expect((await rig.call('DELETE', '/v1/event-types/invoice.paid')).status).toBe(204);
  expect(await get('/invoice.paid')).toMatchObject({ profile: 'standard' });
  expectProblem(await rig.call('DELETE', '/v1/event-types/no.such'), 404);
  expectProblem(await rig.call('DELETE', '/v1/event-types/message.received'), 422, 'name');
});

it('a list goes by name through pages, own and others, filtered by group and what is archived', async () => {
  await put('aa.first', { group: 'pages' });
  await put('message.received', { description: 'Ours.' });
  await put('zz.old', { group: 'pages', archived: true });
  const all: string[] = [];
  for (let query = '?limit=3'; ;) {
    const page = await get(query);
    all.push(...page.data.map((one: Json) => one.name));
    if (page.next_cursor === null) break;
    query = `?limit=3&cursor=${page.next_cursor}`;
  }
  expect(all).toEqual([...new Set(all)].sort());
  expect(all).toContain('aa.first');
  expect(all).not.toContain('zz.old');
  expect((await get('/message.received')).profiles).toContain('8bit');
  expect((await get('?limit=200')).data.find((one: Json) => one.name === 'message.received')).toMatchObject({
    profile: null,
    description: 'Ours.',
  });
  expect((await get('?group=pages')).data.map((one: Json) => one.name)).toEqual(['aa.first']);
  expect((await get('?group=pages&archived=all')).data.map((one: Json) => one.name)).toEqual([
    'aa.first',
    'zz.old',
  ]);
  expect((await get('?archived=true')).data.map((one: Json) => one.name)).toEqual(['zz.old']);
  expectProblem(await rig.call('GET', '/v1/event-types?cursor=abc'), 422, 'cursor');
  for (const name of ['aa.first', 'message.received', 'zz.old'])
    await rig.call('DELETE', `/v1/event-types/${name}`);
});

it.each([
  ['Not.Lower', {}, 'name'],
  ['import', {}, 'name'],
  ['a.b', { schema: { type: 'nonsense' } }, 'schema.type'],
  ['a.b', { schema: { $ref: 'https://example.com/schema.json' } }, 'schema'],
  ['a.b', { schema: { $ref: '#/$defs/none' } }, 'schema'],
  ['a.b', { schema: { $schema: 'http://json-schema.org/draft-04/schema#' } }, 'schema.$schema'],
  ['a.b', { schema: { pattern: '(' } }, 'schema'],
  ['a.b', { schema: { const: 'x'.repeat(70_000) } }, 'schema'],
  ['a.b', { schema: [] }, 'schema'],
  ['a.b', { validate: true }, 'validate'],
  ['a.b', { example: [] }, 'example'],
  ['a.b', { colour: 'red' }, 'colour'],
])('what is none is refused: %s %j names %s', async (name, body, path) => {
  expectProblem(await put(name, body), 422, path);
  expect((await rig.call('GET', `/v1/event-types/${name}`)).status).toBe(404);
});

it('an example that does not fit is remarked on, and one that cannot be made is missing', async () => {
  const odd = await put('odd.example', { schema: invoice, example: { amount: 0 } });
  expect(odd.body.warnings).toEqual([{ path: 'example.amount', message: expect.any(String) as string }]);
  const endless = await put('odd.endless', {
    schema: { type: 'object', properties: { a: { type: 'array', items: {}, minItems: 1e9 } } },
  });
  expect(endless).toMatchObject({ status: 201, body: { example: null, warnings: [{ path: 'example' }] } });
});

it('with "validate" a payload that does not fit is refused by name, alone and in a batch, and what fits is sent as it was', async () => {
  await put('invoice.checked', { schema: invoice, validate: true });
  const tenant = newTenant();
  await rig.endpoint(tenant, `/${tenant}`);
  expectProblem(await publish(tenant, 'invoice.checked', { amount: 0 }), 422, 'data.amount');
  expectProblem(await publish(tenant, 'invoice.checked', {}), 422, 'data.amount');
  expectProblem(await publish(tenant, 'invoice.checked', { amount: 1, email: 'x' }), 422, 'data.email');
  expectProblem(
    await publish(tenant, 'invoice.checked', { amount: 1, lines: [{}, { price: 'x' }] }),
    422,
    'data.lines[1].price',
  );
  expectProblem(await publish(tenant, 'invoice.checked', { amount: 1, extra: 1 }), 422, 'data.extra');
  expectProblem(await publish(tenant, 'invoice.checked', { amount: 1, toString: 1 }), 422, 'data.toString');
  const batch = await rig.call('POST', `/v1/tenants/${tenant}/events/batch`, {
    events: [
      { type: 'invoice.checked', data: { amount: 0 } },
      { type: 'invoice.checked', data: { amount: 3 } },
      { type: 'other.type', data: { amount: 0 } },
    ],
  });
  expect(batch.body.results.map((one: Json) => one.error?.errors[0].path)).toEqual([
    'events[0].data.amount',
    undefined,
    undefined,
  ]);
  const text = '{"type":"invoice.checked","data":{"lines":[{"price":12345678901234567890.123}],"amount":7}}';
  expect((await rig.call('POST', `/v1/tenants/${tenant}/events`, text)).status).toBe(202);
  const received = await rig.calls(`/${tenant}`, 3);
  expect(received.map(({ body }) => body).join()).toContain(
    '{"lines":[{"price":12345678901234567890.123}],"amount":7}',
  );
  expect(received).toHaveLength(3);
});

it('what was accepted before its schema changed is answered as it was then', async () => {
  await put('later.stricter', {});
  const tenant = newTenant();
  const first = await publish(tenant, 'later.stricter', {}, { id: 'once' });
  expect(first.status).toBe(202);
  await put('later.stricter', { schema: invoice, validate: true });
  expectProblem(await publish(tenant, 'later.stricter', {}, { id: 'twice' }), 422, 'data.amount');
  expect(await publish(tenant, 'later.stricter', {}, { id: 'once' })).toMatchObject({
    status: 200,
    body: first.body,
  });
});

it('another process goes by a change within a second, by notification or without', async () => {
  const other = await startTestPosthorn(
    {
      POSTHORN_TASK_QUEUE: rig.config.taskQueue,
      POSTHORN_ROLE: 'api',
      DATABASE_URL: rig.databaseUrl,
      TEMPORAL_ADDRESS: 'unused:1',
    },
    rig.databaseUrl,
  );
  try {
    const path = `/v1/tenants/${newTenant()}/events`;
    const statusThere = async () =>
      (await other.call('POST', path, { type: 'told.others', data: {} })).status;
    expect(await statusThere()).toBe(202);
    await put('told.others', { schema: invoice, validate: true });
    await until(statusThere, (status) => status === 422);
    // Behind the API's back: nobody is notified.
    await rig.sql("UPDATE event_types SET validate = false WHERE name = 'told.others'");
    await rig.sql('UPDATE catalogue SET revision = revision + 1');
    await until(statusThere, (status) => status === 202);
  } finally {
    await other.stop();
  }
});

it('a schema that would take for ever is given up, and meanwhile others publish', async () => {
  await put('slow.pattern', {
    schema: { properties: { text: { type: 'string', pattern: '^(a+)+$' } } },
    validate: true,
  });
  await put('quick.one', { schema: invoice, validate: true });
  const [slow, quick] = [newTenant(), newTenant()];
  const hostile = { text: `${'a'.repeat(60)}!` };
  const answers = Array.from({ length: 4 }, () => publish(slow, 'slow.pattern', hostile));
  const beganAtMs = performance.now();
  expect((await publish(quick, 'quick.one', { amount: 1 })).status).toBe(202);
  expect((await publish(quick, 'not.checked', {})).status).toBe(202);
  const quickMs = performance.now() - beganAtMs;
  let over = false;
  void Promise.all(answers).then(() => (over = true));
  expect(over, `others had their answer after ${quickMs} ms`).toBe(false);
  for (const answer of await Promise.all(answers)) expectProblem(answer, 422, 'data');
  await until(
    () => publish(slow, 'slow.pattern', hostile),
    ({ body }) => /is not tried for \d+ s/.test(body.detail),
  );
  // It fits in no time: but what was given up three times is not tried for a while.
  expectProblem(await publish(slow, 'slow.pattern', { text: 'aaa' }), 422, 'data');
  expect((await publish(newTenant(), 'slow.pattern', { text: 'aaa' })).status).toBe(202);
});

const choice = (n: number) => ({ anyOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] });
const choices: [string, object][] = Array.from({ length: 40 }, (_, n) => [`d${n}`, choice(n)]);

it.each([
  [
    'choices within choices',
    { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(choices), d40: { const: 1 } } },
  ],
  ['itself', { $ref: '#' }],
])('a schema of %s ends in an answer', async (_name, schema) => {
  expect((await put('odd.schema', { schema, validate: true })).status).toBeLessThan(500);
  const answer = await publish(newTenant(), 'odd.schema', {});
  expect([202, 422]).toContain(answer.status);
});

const document = (webhooks: object) => ({
  openapi: '3.1.0',
  info: { title: 'Ours', version: '1' },
  webhooks,
  components: {
    schemas: {
      Ticket: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'integer' },
          parent: { $ref: '#/components/schemas/Ticket' },
          owner: { $ref: '#/components/schemas/Owner' },
        },
      },
      Owner: { type: 'object', properties: { name: { type: 'string', examples: ['Mara'] } } },
    },
    pathItems: { closed: { post: { requestBody: { $ref: '#/components/requestBodies/Closed' } } } },
    requestBodies: {
      Closed: {
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: { event: { type: 'string' }, data: { $ref: '#/components/schemas/Ticket' } },
            },
          },
        },
      },
    },
  },
});
const opened = (more: object = {}) => ({
  post: {
    summary: 'Opened.',
    tags: ['tickets'],
    requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Ticket' } } } },
    ...more,
  },
});

it('an OpenAPI document becomes event types, as a whole, with references resolved and what differs', async () => {
  const first = document({ 'import.opened': opened(), 'import.other': opened({ deprecated: true }) });
  const dry = await importing({ document: first, dry_run: true });
  expect(dry.body).toMatchObject({ dry_run: true, created: 2, updated: 0, unchanged: 0 });
  expect((await rig.call('GET', '/v1/event-types/import.opened')).status).toBe(404);
  expect((await importing({ document: first, validate: true })).body).toMatchObject({
    dry_run: false,
    created: 2,
  });
  const made = await get('/import.opened');
  expect(made).toMatchObject({
    description: 'Opened.',
    group: 'tickets',
    validate: true,
    example: { owner: { name: 'Mara' } },
  });
  expectProblem(
    await publish(newTenant(), 'import.opened', { id: 1, parent: { id: 'x' } }),
    422,
    'data.parent.id',
  );
  expect((await importing({ document: first })).body).toMatchObject({ created: 0, updated: 0, unchanged: 2 });
  const changed = document({
    'import.opened': opened({ summary: 'Opened anew.' }),
    'import.other': opened({ deprecated: true }),
  });
  expect((await importing({ document: changed })).body).toMatchObject({
    ...{ updated: 1, unchanged: 1 },
    types: [{ name: 'import.opened', change: 'updated', fields: ['description'] }, { change: 'unchanged' }],
  });
  const inData = await importing({
    document: document({ 'import.closed': { $ref: '#/components/pathItems/closed' } }),
    data_property: 'data',
  });
  expect(inData.body).toMatchObject({ created: 1 });
  expect((await get('/import.closed')).schema.$ref).toBe('#/$defs/Ticket');
});

it.each([
  ['no webhooks', { openapi: '3.1.0', paths: {} }, 'document.webhooks'],
  ['an older version', { openapi: '3.0.3', webhooks: { 'a.b': {} } }, 'document.openapi'],
  ['a name that is none', document({ newPet: opened() }), 'document.webhooks.newPet'],
  [
    'a reference that leads nowhere',
    document({ 'a.b': { $ref: '#/components/pathItems/none' } }),
    'document.webhooks.a.b',
  ],
  [
    'a reference to elsewhere',
    document({ 'a.b': { $ref: 'https://example.com/x' } }),
    'document.webhooks.a.b',
  ],
  [
    'one wrong among others',
    document({ 'import.good': opened(), 'import.bad': { post: 3 } }),
    'document.webhooks.import.bad.post',
  ],
])('a document with %s is refused as a whole', async (_what, wrong, path) => {
  expectProblem(await importing({ document: wrong }), 422, path);
  expect((await rig.call('GET', '/v1/event-types/import.good')).status).toBe(404);
});

it('an endpoint that subscribes to what nobody knows is told so, and made all the same', async () => {
  await put('known.one', {});
  await put('known.old', { archived: true });
  const tenant = newTenant();
  const events = ['*', 'known.one', 'known.*', 'message.received', 'nobody.knows', 'nothing.*', 'known.old'];
  const made = await rig.endpoint(tenant, '/told', { events });
  expect(made.warnings.map((one: Json) => one.path)).toEqual(['events[4]', 'events[5]', 'events[6]']);
  const path = `/v1/tenants/${tenant}/endpoints/${made.id}`;
  expect((await rig.call('PATCH', path, { events: ['nobody.knows'] })).body.warnings).toHaveLength(1);
  expect((await rig.call('PATCH', path, { name: 'x' })).body.warnings).toEqual([]);
});

it('a test event of such a type carries its example', async () => {
  await put('tested.one', { example: { big: 1, 'is-it': true } });
  const tenant = newTenant();
  const endpoint = await rig.endpoint(tenant, `/${tenant}`, { events: ['tested.*'] });
  await rig.call('POST', `/v1/tenants/${tenant}/endpoints/${endpoint.id}/test`);
  const [received] = await rig.calls(`/${tenant}`, 1);
  expect(JSON.parse(received!.body)).toMatchObject({ type: 'tested.one', data: { big: 1, 'is-it': true } });
});
