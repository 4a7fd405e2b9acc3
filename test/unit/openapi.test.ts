import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { RequestHandler, Router } from 'express';
import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ApiContext } from '../../src/api/context.ts';
import { openApiDocument } from '../../src/api/openapi/document.ts';
import { needOf } from '../../src/api/policy.ts';
import { createApp, createV1 } from '../../src/api/server.ts';
import {
  EVENT_TYPE_SCHEMA,
  eventTypeProblem,
  PATTERN_SCHEMA,
  patternProblem,
} from '../../src/events/pattern.ts';

const SNAPSHOT = 'docs/openapi.json';
const document = openApiDocument();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

const handler: RequestHandler = () => undefined;
/** Enough to put the routes together; none of them is called. */
const context = {
  access: { authenticator: {}, keys: {}, tokens: {} },
  readiness: handler,
  metricsPage: handler,
} as unknown as ApiContext;

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}
const routesOf = (stack: Layer[]): string[] =>
  stack.flatMap(({ route }) =>
    Object.keys(route?.methods ?? {}).map(
      (method) => `${method.toUpperCase()} ${route!.path.replace(/:(\w+)/g, '{$1}')}`,
    ),
  );

test('describes every route that there is, and no other', () => {
  const app = createApp(context);
  const v1: Router = createV1(context, handler);
  const routes = [app.router.stack, v1.stack].flatMap((stack) => routesOf(stack as unknown as Layer[]));
  expect(routes.length).toBeGreaterThan(40);
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(routes.sort());
});

test('says of every operation what it needs, as requests are judged', () => {
  const open = ['/healthz', '/readyz', '/openapi.json', '/docs'];
  for (const { method, path, operation } of operations) {
    const asked = path.replaceAll(/\{\w+\}/g, 'x1');
    expect(operation['x-scope'], path).toBe(open.includes(path) ? undefined : needOf(method, asked));
  }
});

test('operations have names of their own, and tags that are described', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  for (const { operation } of operations) expect(tags).toContain(operation.tags[0]);
});

test('every reference leads somewhere, and every schema is used', () => {
  const text = JSON.stringify(document);
  const targets = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g)].map(([, a, b]) => `${a}/${b}`),
  );
  for (const target of targets) {
    const [part, name] = target.split('/') as [string, string];
    expect(document.components[part]?.[name], target).toBeDefined();
  }
  for (const name of Object.keys(document.components.schemas)) expect(targets).toContain(`schemas/${name}`);
});

describe('JSON Schema', () => {
  const ajv = new Ajv2020({ strict: false, validateSchema: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'api', undefined, false);

  test('all schemas are valid ones', () => {
    for (const name of Object.keys(document.components.schemas)) {
      expect(ajv.validateSchema(document.components.schemas[name]!), name).toBe(true);
    }
  });

  test('examples fit', () => {
    const examples = operations.flatMap(({ path, operation }) =>
      Object.values(operation.requestBody?.content ?? {}).map((content) => ({ path, ...content })),
    );
    for (const { path, schema, example } of examples) {
      const validate = ajv.compile({ $ref: `api${(schema as { $ref: string }).$ref}` });
      expect(example, path).toBeDefined();
      expect(validate(example), `${path}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    }
  });
});

test('patterns of event types say what the rules say', () => {
  const written = fc.array(fc.constantFrom('a', 'z9', '_', '-', '.', '*', 'A', ' '), { maxLength: 8 });
  fc.assert(
    fc.property(written, (parts) => {
      const name = parts.join('');
      expect(new RegExp(EVENT_TYPE_SCHEMA.pattern).test(name)).toBe(eventTypeProblem(name) === null);
      expect(new RegExp(PATTERN_SCHEMA.pattern).test(name)).toBe(patternProblem(name) === null);
    }),
    { numRuns: 2000 },
  );
});

test(`${SNAPSHOT} is this document (to renew it: RENEW_OPENAPI=1 npm test -- test/unit/openapi.test.ts)`, () => {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (process.env.RENEW_OPENAPI) writeFileSync(SNAPSHOT, text);
  expect(JSON.parse(readFileSync(SNAPSHOT, 'utf8'))).toEqual(JSON.parse(text));
});
