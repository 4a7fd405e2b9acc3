/** Requests made from the OpenAPI document: right ones, nearly right ones, and odd ones. */
import fc from 'fast-check';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { SchemaObject } from '../../src/api/openapi/document.ts';
import { API_KEY } from './posthorn.ts';
import { document, operations, type KnownOperation, type WireRequest } from './operations.ts';

/** What is there to be asked for. */
export interface Surroundings {
  tenants: string[];
  /** Of tenants that may be deleted. */
  doomedTenants: string[];
  ids: string[];
  /** Of what may be deleted. */
  doomedIds: string[];
  endpointIds: string[];
  /** Receivers on this machine: nothing is sent anywhere else. */
  urls: string[];
}

type Arbitrary = fc.Arbitrary<unknown>;

const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202eabc',
  'ä€😀',
  '__proto__',
  'constructor',
  'toString',
  "'; DROP TABLE events; --",
  '${jndi:x}',
  '{{7*7}}',
  '../../etc/passwd',
  '\r\nX-Injected: yes',
  'x'.repeat(300),
  'x'.repeat(70_000),
  '-1',
  '1e400',
  'NaN',
  'true',
  'null',
  '[]',
  '9'.repeat(40),
  '2026-02-30T00:00:00Z',
  '0000-01-01',
  '+275760-09-13T00:00:00.000Z',
];
const oddText = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 20 }));
const oddNumber = fc.constantFrom(0, -0, -1, 0.5, 1e21, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 5e-324, 1e15);
const deep = (levels: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>((inner, _, n) => (n % 2 ? [inner] : { a: inner }), 1);
const odd: Arbitrary = fc.oneof(
  oddText,
  oddNumber,
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { '': {} }, deep(20), deep(300)),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"y":1}}}')),
);

const JSONATA = [
  '$',
  '{"text": type}',
  'data.**',
  '$sum([1..100])',
  '(',
  '$string(',
  '{"a": function($x){$x}}',
];
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

/** What a schema cannot say: where it leads, and what is there. */
function known(name: string, { urls, endpointIds, tenants }: Surroundings): Arbitrary | null {
  switch (name) {
    case 'url':
      return fc.constantFrom(
        ...urls,
        'http://[::1]:1/',
        'http://user:pass@127.0.0.1:1/',
        'http://127.0.0.1:0/',
      );
    case 'endpoint_id':
      return fc.constantFrom(...endpointIds);
    case 'tenant_id':
      return fc.constantFrom(...tenants);
    case 'jsonata':
      return fc.constantFrom(...JSONATA);
    case 'ca':
    case 'certificate':
    case 'key':
      return fc.constant(CERTIFICATE);
    case 'profile':
      return fc.constantFrom('standard', '8bit', 'agentbot', 'eev');
    // Of a cursor, what others have looked like.
    case 'cursor':
      return fc
        .oneof(odd, fc.constantFrom(...endpointIds))
        .map((value) => Buffer.from(JSON.stringify([value]) ?? '').toString('base64url'));
    default:
      return null;
  }
}

/** Values that the schema allows, for the most part: what it says with several words at once is not always kept. */
export function valuesOf(schema: SchemaObject, around: Surroundings, depth = 0): Arbitrary {
  const { $ref, anyOf, oneOf, allOf, enum: values, const: only } = schema;
  if (typeof $ref === 'string') {
    const named = document.components.schemas[$ref.split('/').at(-1)!]!;
    return depth > 6 ? fc.constant(null) : valuesOf(named, around, depth + 1);
  }
  const choices = (anyOf ?? oneOf) as SchemaObject[] | undefined;
  if (choices) return fc.oneof(...choices.map((choice) => valuesOf(choice, around, depth)));
  if (allOf) return valuesOf((allOf as SchemaObject[])[0]!, around, depth);
  if (Array.isArray(values)) return fc.constantFrom(...(values as unknown[]));
  if (only !== undefined) return fc.constant(only);
  const { minimum = -10, maximum = 10_000, minItems = 0, maxItems = 4 } = schema as Record<string, number>;
  switch (schema.type) {
    case 'object':
      return objectsOf(schema, around, depth);
    case 'array':
      return fc.array(valuesOf((schema.items ?? {}) as SchemaObject, around, depth + 1), {
        minLength: minItems,
        maxLength: Math.min(maxItems, minItems + 3),
      });
    case 'integer':
      return fc.integer({ min: Math.ceil(minimum), max: Math.min(Math.floor(maximum), 2 ** 31) });
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return textsOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectsOf(schema: SchemaObject, around: Surroundings, depth: number): Arbitrary {
  const { properties = {}, required = [], additionalProperties } = schema;
  const fields = Object.entries(properties as Record<string, SchemaObject>).map(
    ([name, field]) => [name, known(name, around) ?? valuesOf(field, around, depth + 1)] as const,
  );
  if (fields.length > 0)
    return (
      fc
        .record(Object.fromEntries(fields), { requiredKeys: required as string[] })
        // Of what may be left out a few at a time: all at once, something is always wrong.
        .chain((made) => fewOf(made, required as string[]))
    );
  const values = valuesOf((additionalProperties || {}) as SchemaObject, around, depth + 1);
  return fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,12}$/), values, { maxKeys: 4 });
}

function fewOf(made: Record<string, unknown>, required: string[]): Arbitrary {
  const optional = Object.keys(made).filter((name) => !required.includes(name));
  return fc
    .subarray(optional, { maxLength: Math.min(4, optional.length) })
    .map((kept) =>
      Object.fromEntries(
        Object.entries(made).filter(([name]) => required.includes(name) || kept.includes(name)),
      ),
    );
}

function textsOf({ format, pattern, minLength = 0, maxLength = 40 }: SchemaObject): Arbitrary {
  if (format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((at) => at.toISOString());
  if (format === 'email') return fc.constantFrom('ops@acme.example', 'a@b.example');
  if (typeof pattern === 'string') {
    try {
      return fc.stringMatching(new RegExp(pattern), { maxLength: 24 });
    } catch {
      // One that fast-check makes nothing of.
    }
  }
  const least = minLength as number;
  return fc.string({ minLength: least, maxLength: Math.max(least, Math.min(maxLength as number, 40)) });
}

/** Something in it is replaced, left out, doubled or added. */
function mutated(value: unknown): Arbitrary {
  if (typeof value !== 'object' || value === null) return odd;
  const names = Object.keys(value);
  const name = names.length > 0 ? fc.constantFrom(...names) : fc.constant('x');
  const changed = (at: string, to: unknown) =>
    Array.isArray(value) ? value.with(Number(at) || 0, to) : { ...value, [at]: to };
  if (names.length === 0) return odd.map((one) => ({ x: one }));
  return fc.oneof(
    fc.tuple(name, odd).map(([at, to]) => changed(at, to)),
    name.chain((at) => mutated((value as Record<string, unknown>)[at]).map((to) => changed(at, to))),
    name.map((at) => Object.fromEntries(Object.entries(value).filter(([other]) => other !== at))),
    fc.tuple(oddText, odd).map(([at, to]) => ({ ...value, [at]: to })),
    odd,
  );
}

function bodiesOf(
  { operation, example }: KnownOperation,
  around: Surroundings,
): fc.Arbitrary<string | Buffer | undefined> {
  const schema = operation.requestBody?.content['application/json']?.schema;
  const right = schema ? valuesOf(schema, around) : fc.constant({});
  const nearly = right.chain((value) => mutated(value));
  const text = fc
    .oneof(
      { weight: 5, arbitrary: right },
      { weight: 4, arbitrary: nearly },
      ...(example ? [{ weight: 2, arbitrary: mutated(example) }] : []),
    )
    .map((value) => JSON.stringify(value) ?? '');
  return fc.oneof(
    { weight: 9, arbitrary: text },
    // Cut off, with bytes that are none, with what is no JSON at all.
    { weight: 1, arbitrary: fc.tuple(text, fc.nat(60)).map(([whole, at]) => whole.slice(0, -at)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '[]',
        '1',
        '""',
        'null',
        '{"a":1}{"b":2}',
        '{"a":1,"a":2}',
        '{"a":1e999}',
        '\ufeff{}',
        '['.repeat(100_000),
      ),
    },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** As they stand in the path: percent signs are encodings, or should be. */
const ODD_SEGMENTS = [
  '%00',
  '%',
  '%zz',
  '%E0%A4%A',
  '%2F',
  '%2e%2e',
  '..',
  '.',
  ';',
  '',
  '%20',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
  "'--",
  '*',
  'x'.repeat(129),
  'x'.repeat(3000),
  'EVT_1',
  'ep_1',
  '%0d%0aX:y',
  '~',
  '$batch',
  'try',
  'import',
  'batch',
];

function pathsOf({ id, path }: KnownOperation, around: Surroundings): fc.Arbitrary<string> {
  const dooms = id.startsWith('delete') || id.startsWith('revoke');
  const ids = dooms ? around.doomedIds : around.ids;
  const tenants = id === 'deleteTenant' ? around.doomedTenants : around.tenants;
  const right: Record<string, string[]> = {
    tenant: tenants,
    id: ids,
    name: ['fuzz.a', 'fuzz.b', 'order.paid'],
  };
  const segments = path.split('/').map((segment) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined)
      return fc.oneof(
        { weight: 60, arbitrary: fc.constant(segment) },
        { weight: 1, arbitrary: fc.constantFrom(...ODD_SEGMENTS) },
      );
    return fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...right[name]!) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD_SEGMENTS) },
    );
  });
  // Always with something before it: a path that begins otherwise is not one of HTTP.
  return fc.tuple(...segments.slice(1)).map((parts) => `/${parts.join('/')}`);
}

function queriesOf({ operation }: KnownOperation, around: Surroundings): fc.Arbitrary<string> {
  const parameters = (operation.parameters ?? []).filter((one) => one.in === 'query');
  const text = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value));
  const pairs = parameters.map((parameter) => {
    const name = parameter.name as string;
    const right = known(name, around) ?? valuesOf(parameter.schema as SchemaObject, around);
    const value = fc.oneof({ weight: 3, arbitrary: right.map(text) }, { weight: 1, arbitrary: oddText });
    return value.map((one) => `${name}=${encodeURIComponent(Buffer.from(one.slice(0, 2_000)).toString())}`);
  });
  const other = fc.constantFrom(
    'x=1',
    '__proto__=1',
    'limit[]=1',
    'limit=1&limit=2',
    '%',
    '=',
    '&&',
    'a[b]=c',
    '%00=%00',
    'cursor=%E0%A4%A',
    'q='.padEnd(4_000, 'y'),
  );
  const few =
    pairs.length === 0
      ? fc.constant<string[]>([])
      : fc.subarray(pairs, { maxLength: Math.min(3, pairs.length) }).chain((some) => fc.tuple(...some));
  return fc.tuple(few, fc.option(other, { freq: 8 })).map(([some, odder]) => {
    const all = [...some, ...(odder === null ? [] : [odder])];
    return all.length === 0 ? '' : `?${all.join('&')}`;
  });
}

const ODD_HEADERS: Record<string, string[]> = {
  'content-type': [
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    ';;;',
    'x'.repeat(500),
  ],
  'content-encoding': ['identity', 'gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'rot13', ''],
  accept: ['text/html', '*/*;q=0', 'x'.repeat(500)],
  'idempotency-key': ['k1', 'k2', '', ' ', '\u00e9', 'x'.repeat(256), '__proto__'],
  'if-none-match': ['*', '"x"', ',,,'],
  'if-match': ['*', '"x"', 'W/"x"', '"2026-05-17T12:34:56.789Z"'],
  'x-forwarded-for': ['127.0.0.1', '1.2.3.4, x'],
  'x-http-method-override': ['DELETE'],
  host: ['evil.example', '', '[::1]:99999'],
  authorization: [
    'Bearer',
    'Bearer ',
    'bearer x y',
    'Basic YTpi',
    `Bearer ${'e'.repeat(5_000)}`,
    'Bearer eyJhbGciOiJub25lIn0.e30.x',
  ],
  range: ['bytes=0-1'],
  cookie: ['a=b'],
};
const headersOf = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Record<string, string>>({}) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...Object.keys(ODD_HEADERS))
      .chain((name) => fc.constantFrom(...ODD_HEADERS[name]!).map((value) => ({ [name]: value }))),
  },
);

/** Whose, so that it can be told which operations have been asked. */
export interface FuzzedRequest extends WireRequest {
  operation: string;
}

export function fuzzedRequests(around: Surroundings): fc.Arbitrary<FuzzedRequest> {
  return fc.constantFrom(...operations).chain((operation) => {
    const method = fc.oneof(
      { weight: 30, arbitrary: fc.constant(operation.method) },
      { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'TRACE') },
    );
    const body =
      operation.method === 'GET'
        ? fc.option(bodiesOf(operation, around), { freq: 10, nil: undefined })
        : bodiesOf(operation, around);
    return fc
      .tuple(method, pathsOf(operation, around), queriesOf(operation, around), headersOf, body, fc.boolean())
      .map(([verb, path, query, headers, sent, isPacked]) => {
        // Half of what says that it is packed is.
        const coding = headers['content-encoding'];
        const pack = { gzip: gzipSync, br: brotliCompressSync }[coding ?? ''];
        const bytes = isPacked && pack && sent !== undefined ? pack(sent) : sent;
        return {
          operation: operation.id,
          method: verb,
          path: path + query,
          headers: {
            authorization: `Bearer ${API_KEY}`,
            'content-type': 'application/json',
            ...(bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) }),
            ...headers,
          },
          ...(bytes === undefined ? {} : { body: bytes }),
        };
      });
  });
}
