/**
 * JSON Schema 2020-12, in a thread of the sandbox: a schema may take for ever (a pattern, or choices within choices), and
 * so may an ordinary one with a large payload (`uniqueItems`).
 */
import { createRequire } from 'node:module';
import type { Ajv2020 as Ajv, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { LRUCache } from 'lru-cache';
import type { Misfit } from '../../sandbox/tasks.ts';

// Both are CommonJS with their function as `default`, which Node and TypeScript read differently.
const require = createRequire(import.meta.url);
const { Ajv2020 } = require('ajv/dist/2020.js') as { Ajv2020: typeof Ajv };
const { default: addFormats } = require('ajv-formats') as { default: (ajv: Ajv) => void };

export const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** Knows what a schema is: made once, since that takes longer than most schemas. */
const dialect = new Ajv2020({ strict: false, logger: false });

const compiled = new LRUCache<string, ValidateFunction>({
  max: 200,
  maxSize: 4 << 20,
  sizeCalculation: (_, text) => text.length + 1,
});

/** A compiler of its own for each: they share no names, and what is not used any more is forgotten with it. */
function compile(text: string): ValidateFunction {
  // The first thing that is wrong is enough: all of them may be as many as the payload has places. Members that every
  // JavaScript object has (`toString`) are none of the payload's. Unknown keywords are remarks, as the standard has it.
  const ajv = new Ajv2020({
    ...{ strict: false, allErrors: false, ownProperties: true, inlineRefs: false, logger: false },
    ...{ addUsedSchema: false, validateSchema: false },
  });
  addFormats(ajv);
  return ajv.compile(JSON.parse(text) as object);
}

function compiledOf(text: string): ValidateFunction {
  let validator = compiled.get(text);
  if (!validator) compiled.set(text, (validator = compile(text)));
  return validator;
}

export function checkSchema(text: string): Misfit | null {
  const { $schema } = JSON.parse(text) as { $schema?: unknown };
  if ($schema !== undefined && String($schema).replace(/#$/, '') !== DIALECT)
    return { path: ['$schema'], message: `must be ${DIALECT}, or left out` };
  if (!dialect.validateSchema(JSON.parse(text) as object)) return misfitOf(dialect.errors![0]!);
  try {
    compiledOf(text);
    return null;
  } catch (error) {
    return { path: [], message: inWords(error as Error & { missingRef?: string }) };
  }
}

function inWords({ message, missingRef }: Error & { missingRef?: string }): string {
  if (missingRef === undefined) return `is not a JSON Schema that can be used: ${message}`;
  return `refers to "${missingRef}", which is not in it: only references within the schema ("#/$defs/…") are followed`;
}

export function validate(schema: string, data: string): Misfit | null {
  const check = compiledOf(schema);
  try {
    return check(JSON.parse(data)) ? null : misfitOf(check.errors![0]!);
  } catch (error) {
    if (error instanceof RangeError) return { path: [], message: 'is nested too deeply for the schema' };
    throw error;
  }
}

function misfitOf({ instancePath, keyword, params, message }: ErrorObject): Misfit {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(?:0|[1-9]\d{0,8})$/.test(part) ? Number(part) : part));
  const of = params as Record<string, unknown>;
  switch (keyword) {
    case 'required':
      return { path: [...path, String(of.missingProperty)], message: 'is required' };
    case 'additionalProperties':
      return { path: [...path, String(of.additionalProperty)], message: 'is not in the schema' };
    case 'unevaluatedProperties':
      return { path: [...path, String(of.unevaluatedProperty)], message: 'is not in the schema' };
    case 'const':
      return { path, message: `must be ${shortly(of.allowedValue)}` };
    case 'enum':
      return { path, message: `must be one of ${shortly(of.allowedValues)}` };
    default:
      return { path, message: message ?? `does not fit "${keyword}"` };
  }
}

function shortly(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
