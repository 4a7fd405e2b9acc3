/** Whatever the tests ask of the API, and are answered, is what the OpenAPI document says. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenApiDocument, OperationObject, ResponseObject } from '../../src/api/openapi/document.ts';

export interface Exchange {
  method: string;
  url: string;
  /** As it was sent. */
  requestBody: string | undefined;
  status: number;
  contentType: string | null;
  /** Parsed; null: none. */
  body: unknown;
}

interface Described {
  method: string;
  path: string;
  pattern: RegExp;
  operation: OperationObject;
}

/** Throws an error that says what differs. */
export function checkConformance(exchange: Exchange): void {
  const { method, status, body } = exchange;
  if (method === 'HEAD') return;
  const { pathname } = new URL(exchange.url);
  const described = known().operations.find((each) => each.method === method && each.pattern.test(pathname));
  const where = `${method} ${pathname}`;
  if (!described) {
    // No such route, or not for this method.
    if (status < 400) throw new Error(`${where}, answered ${status}, is not in the OpenAPI document`);
    return check('#/components/schemas/Problem', body, `${where}: ${status}`);
  }
  checkAnswer(described, exchange, `${where}: the answer ${status}`);
  if (status < 300) checkRequest(described, exchange, `${where}: a body that was accepted`);
}

function checkAnswer(
  { operation, ...at }: Described,
  { status, contentType, body }: Exchange,
  where: string,
) {
  const given = operation.responses[status];
  const pointer = given?.$ref ?? `${pointerTo(at)}/responses/${status}`;
  const response = given?.$ref
    ? (known().document.components.responses![given.$ref.split('/').at(-1)!] as ResponseObject)
    : given;
  if (!response) throw new Error(`${where} is not in the OpenAPI document: ${JSON.stringify(body)}`);
  if (!response.content) {
    if (body !== null) throw new Error(`${where} has a body, and should have none`);
    return;
  }
  const type = contentType?.split(';')[0] ?? '';
  if (!response.content[type]) throw new Error(`${where} is "${type}", which the OpenAPI document has not`);
  check(`${pointer}/content/${escaped(type)}/schema`, body, where);
}

function checkRequest({ operation, ...at }: Described, { requestBody, body }: Exchange, where: string) {
  if (!requestBody || !operation.requestBody) return;
  const sent: unknown = JSON.parse(requestBody.replace(/^\ufeff/, ''));
  const taken = operation.operationId === 'publishBatch' ? acceptedOf(sent, body) : sent;
  check(`${pointerTo(at)}/requestBody/content/${escaped('application/json')}/schema`, taken, where);
}

/** A batch may hold what is refused, as long as one of them is there to look at. */
function acceptedOf(sent: unknown, answer: unknown): unknown {
  const { events } = sent as { events: unknown[] };
  const { results } = answer as { results: object[] };
  const taken = events.filter((_, index) => !('error' in results[index]!));
  return taken.length === 0 ? { events: [{ type: 'x', data: {} }] } : { events: taken };
}

function check(pointer: string, value: unknown, where: string): void {
  const { ajv, validators } = known();
  let validate = validators.get(pointer);
  if (!validate) validators.set(pointer, (validate = ajv.compile({ $ref: `api${pointer}` })));
  if (validate(value)) return;
  throw new Error(
    `${where} is not as docs/openapi.json says (docs/development.md has how to renew it): ${ajv.errorsText(validate.errors, { dataVar: 'it' })}\n${JSON.stringify(value)}`,
  );
}

const escaped = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
const pointerTo = ({ path, method }: Pick<Described, 'path' | 'method'>): string =>
  `#/paths/${escaped(path)}/${method.toLowerCase()}`;

interface Known {
  document: OpenApiDocument;
  operations: Described[];
  ajv: Ajv2020;
  /** Made when they are needed: a test file sees a few of them. */
  validators: Map<string, ValidateFunction>;
}
let made: Known | undefined;
const known = (): Known => (made ??= make());

/** From the copy that a test keeps up to date: that is quicker than to make it in every test file. */
function make(): Known {
  const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApiDocument;
  // Clients have to bear further fields; here they are what somebody forgot to describe.
  for (const schema of Object.values(document.components.schemas)) close(schema);
  const ajv = new Ajv2020({ strict: false, validateSchema: false, meta: false, code: { optimize: false } });
  addFormats.default(ajv);
  ajv.addSchema(document, 'api');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ path, method: method.toUpperCase(), operation },
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
    })),
  );
  // What is said literally comes before a parameter.
  operations.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  return { document, operations, ajv, validators: new Map() };
}

function close(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && 'type' in schema && !('additionalProperties' in schema))
    Object.assign(schema, { additionalProperties: false });
  Object.values(schema).forEach(close);
}
