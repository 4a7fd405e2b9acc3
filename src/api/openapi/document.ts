/** The OpenAPI document of this API, made from what describes its operations and from the schemas that validate. */
import { z } from 'zod';
import { needOf } from '../policy.ts';
import { accessOperations } from './access.ts';
import { deliveryOperations } from './deliveries.ts';
import { endpointOperations } from './endpoints.ts';
import { eventTypeOperations } from './event-types.ts';
import { eventOperations } from './events.ts';
import { toJsonSchema } from './json-schema.ts';
import { answers, requests, TAGS, type Answer, type Operation } from './operation.ts';
import { meOperations } from './me.ts';
import { operationsOperations } from './operations.ts';
import { operatorOperations } from './operators.ts';
import { PARAMETERS, pathParameters, queryParameters } from './parameters.ts';
import { problemsOf, RESPONSES } from './problems.ts';
import { replayOperations } from './replays.ts';
import { statsOperations } from './stats.ts';
import { tenantOperations } from './tenants.ts';

const OPERATIONS: readonly Operation[] = [
  ...tenantOperations,
  ...endpointOperations,
  ...eventOperations,
  ...deliveryOperations,
  ...replayOperations,
  ...statsOperations,
  ...eventTypeOperations,
  ...accessOperations,
  ...meOperations,
  ...operatorOperations,
  ...operationsOperations,
];

const DESCRIPTION = `Durable outgoing webhooks. JSON in and out, names in snake_case, times in RFC 3339. Requests are read
as JSON whatever their Content-Type says. Unknown fields and query parameters are refused. Lists are
\`{"data": […], "next_cursor": …}\`. Everything outside 2xx is a problem document (RFC 9457) whose \`code\` stays as it is.
HEAD is answered wherever GET is. What an operation needs is in \`x-scope\`: \`admin\` may everything, \`manage\` includes
\`read\`, and \`any\` is for whoever has a key or a token. Answers may get further fields.`;

/** As far as it is looked into here. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, SchemaObject>; [part: string]: Record<string, object> };
}
export type SchemaObject = Record<string, unknown>;
export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  'x-scope'?: string;
  parameters?: SchemaObject[];
  requestBody?: { required: boolean; content: Record<string, { schema: SchemaObject; example?: object }> };
  responses: Record<string, ResponseObject>;
}
export interface ResponseObject {
  $ref?: string;
  description?: string;
  content?: Record<string, { schema: SchemaObject }>;
}

export function openApiDocument(): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of OPERATIONS)
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operation);
  return {
    openapi: '3.1.0',
    info: { title: 'Posthorn', version: '1', description: DESCRIPTION.replaceAll('\n', ' ') },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...schemasOf(requests), ...schemasOf(answers) },
      parameters: PARAMETERS,
      responses: RESPONSES,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key, or a token of a tenant.' },
      },
    },
  };
}

function describe(operation: Operation): OperationObject {
  const { id, tag, summary, description, query, body, example } = operation;
  const parameters = [...pathParameters(operation), ...(query ? queryParameters(query) : [])];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...access(operation),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body && {
      requestBody: {
        required: !operation.bodyOptional,
        content: { 'application/json': { schema: refTo(requests, body), ...(example && { example }) } },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [status, responseOf(answer)]),
      ),
      ...problemsOf(operation),
    },
  };
}

/** Asked of the same table as every request is. */
function access({ open, method, path }: Operation) {
  if (open) return { security: [] };
  const need = needOf(method, path);
  return { security: [{ key: need === 'any' ? [] : [need] }], 'x-scope': need };
}

function responseOf({ description, content }: Answer): ResponseObject {
  if (content === undefined) return { description };
  return typeof content === 'string'
    ? { description, content: { [content]: { schema: { type: 'string' } } } }
    : { description, content: { 'application/json': { schema: refTo(answers, content) } } };
}

function refTo(registry: typeof answers, schema: z.ZodType): SchemaObject {
  const id = registry.get(schema)?.id;
  if (id === undefined) throw new Error('A body of a request or an answer has no name: see operation.ts');
  return { $ref: uri(id) };
}

const uri = (id: string): string => `#/components/schemas/${id}`;

/** The side of the input: what is sent to us, and of an answer what leaves room for more fields. */
function schemasOf(registry: typeof answers): Record<string, SchemaObject> {
  const { schemas } = z.toJSONSchema(registry, { uri, io: 'input', ...toJsonSchema });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _s, $id: _i, id: _n, ...schema }]) => [id, schema]),
  );
}
