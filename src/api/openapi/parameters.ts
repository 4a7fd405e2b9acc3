import { z } from 'zod';
import { TENANT } from '../../accept/event-input.ts';
import { EVENT_TYPE_SCHEMA } from '../../events/pattern.ts';
import { toJsonSchema } from './json-schema.ts';
import type { Operation } from './operation.ts';

const inPath = (name: string, description: string, schema: object) => ({
  ...{ name, in: 'path', required: true, description },
  schema: { type: 'string', ...schema },
});

export const PARAMETERS = {
  tenant: inPath('tenant', 'A customer of yours, by your own id.', {
    pattern: TENANT.source,
    examples: ['acme'],
  }),
  id: inPath('id', 'As it was answered with when the thing was made.', { minLength: 1 }),
  name: inPath('name', 'Of an event type.', EVENT_TYPE_SCHEMA),
  'idempotency-key': {
    ...{ name: 'Idempotency-Key', in: 'header', required: false },
    description: 'A request with the same key is done once; the same key with another request is refused.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  },
  'if-match': {
    ...{ name: 'If-Match', in: 'header', required: false },
    description:
      'The `updated_at` that was read, in double quotes: when it was changed since, nothing is done (412).',
    schema: { type: 'string', examples: ['"2026-05-17T12:34:56.789Z"'] },
  },
};

const refTo = (name: keyof typeof PARAMETERS) => ({ $ref: `#/components/parameters/${name}` });

export function pathParameters({
  path,
  repeatable,
  conditional,
}: Operation): object[] & Record<string, unknown>[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as keyof typeof PARAMETERS);
  const headers = [
    ...(repeatable ? (['idempotency-key'] as const) : []),
    ...(conditional ? (['if-match'] as const) : []),
  ];
  return [...names, ...headers].map(refTo);
}

const SAID: Record<string, string> = {
  cursor: 'The `next_cursor` of the page before.',
  limit: 'Rows of a page.',
};

export function queryParameters(query: z.ZodObject): Record<string, unknown>[] {
  const schema = z.toJSONSchema(query, { io: 'input', ...toJsonSchema });
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description = SAID[name], ...rest } = property as Record<string, unknown>;
    return {
      ...{ name, in: 'query', required: required.has(name) },
      ...(description === undefined ? {} : { description }),
      // `a,b`, not `a` and `b` by themselves.
      ...(rest.type === 'array' ? { style: 'form', explode: false } : {}),
      schema: rest,
    };
  });
}
