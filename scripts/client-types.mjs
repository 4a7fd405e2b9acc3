// Writes api.ts, types.ts and operations.ts of src/sdk/client: what docs/openapi.json says, as TypeScript. A test tells when they are
// out of date.
//   node scripts/client-types.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import * as prettier from 'prettier';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const FOLDER = 'src/sdk/client';
const HEAD = '// Made from docs/openapi.json by scripts/client-types.mjs: not to be changed by hand.\n';

/** File → text, as they should be. */
export async function clientTypes() {
  const document = JSON.parse(readFileSync(resolve(root, 'docs/openapi.json'), 'utf8'));
  return {
    [`${FOLDER}/api.ts`]: await format(HEAD + (await typesOf(document))),
    [`${FOLDER}/types.ts`]: await format(HEAD + namesOf(document)),
    [`${FOLDER}/operations.ts`]: await format(HEAD + tableOf(document)),
  };
}

async function typesOf(document) {
  const nodes = await openapiTS(document, {
    // What has a default may be left out of a request.
    defaultNonNullable: false,
    transform: (schema) => (isAnyObject(schema) ? anyObject(schema) : undefined),
  });
  const wanted = new Set(['components', 'operations']);
  return astToString(nodes.filter((node) => wanted.has(node.name?.text)));
}

/** A caller's interfaces fit `object`, and would not fit Record<string, unknown>. */
const isAnyObject = ({ type, properties, additionalProperties, anyOf }) =>
  [type].flat().includes('object') && !properties && !additionalProperties && !anyOf;

const anyObject = ({ type }) => {
  const object = ts.factory.createKeywordTypeNode(ts.SyntaxKind.ObjectKeyword);
  if (![type].flat().includes('null')) return object;
  return ts.factory.createUnionTypeNode([object, ts.factory.createLiteralTypeNode(ts.factory.createNull())]);
};

function namesOf({ components }) {
  const lines = Object.keys(components.schemas).map(
    (name) => `export type ${name} = components['schemas']['${name}'];`,
  );
  return `import type { components } from './api.ts';

${lines.join('\n')}`;
}

function tableOf({ paths }) {
  const lines = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId }]) => `${operationId}: ['${method.toUpperCase()}', '${path}'],`,
    ),
  );
  return `import type { operations } from './api.ts';

/** Method and path of each operation. */
export const OPERATIONS = {
${lines.join('\n')}
} as const satisfies Record<keyof operations, readonly [method: string, path: string]>;`;
}

async function format(text) {
  const options = await prettier.resolveConfig(resolve(root, 'package.json'));
  return prettier.format(text, { ...options, parser: 'typescript' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of Object.entries(await clientTypes())) writeFileSync(resolve(root, file), text);
}
