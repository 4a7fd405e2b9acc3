/** The document as a page for people: text and a style sheet, no script, nothing that is loaded from anywhere. */
import { createHash } from 'node:crypto';
import type { OpenApiDocument, OperationObject, ResponseObject, SchemaObject } from './document.ts';
import { STYLE } from './style.ts';

export const PAGE_POLICY = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (value: unknown): string => String(value).replace(/[&<>"]/g, (char) => ESCAPES[char]!);
/** What stands between backticks is code. */
const prose = (value = ''): string => text(value).replace(/`([^`]+)`/g, '<code>$1</code>');
const code = (value: unknown): string => `<code>${text(value)}</code>`;
const json = (value: unknown): string => text(JSON.stringify(value, null, 2));

export function docsPage(document: OpenApiDocument): string {
  const { info, tags, components } = document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const ofTag = (name: string) => operations.filter(({ operation }) => operation.tags.includes(name));
  const nav = tags.map(
    ({ name }) =>
      `<h2>${text(name)}</h2><ul>${ofTag(name)
        .map(({ operation: { operationId, summary } }) => link(operationId, summary))
        .join('')}</ul>`,
  );
  const sections = tags.map(
    ({ name, description }) =>
      `<section><h2>${text(name)}</h2><p>${prose(description)}</p>${ofTag(name)
        .map(({ path, method, operation }) => operationSection(document, path, method, operation))
        .join('')}</section>`,
  );
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<article id="${text(name)}"><h3>${text(name)}</h3>${fields(schema)}</article>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(info.title)} API</title><style>${STYLE}</style></head><body>
<nav><h1>${text(info.title)}</h1><a href="/openapi.json">openapi.json</a>${nav.join('')}</nav>
<main><p>${prose(info.description)}</p>${sections.join('')}
<section><h2>Schemas</h2>${schemas.join('')}</section></main></body></html>
`;
}

const link = (id: string, words: string) => `<li><a href="#${text(id)}">${text(words)}</a></li>`;

function operationSection(
  document: OpenApiDocument,
  path: string,
  method: string,
  { operationId, summary, description, ...operation }: OperationObject,
): string {
  const scope = operation['x-scope'];
  const { requestBody, responses } = operation;
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  return `<article id="${text(operationId)}"><h3>${text(summary)}</h3>
<p class="call"><b class="${method}">${method.toUpperCase()}</b> ${code(path)}
<span>${scope === undefined ? 'no key' : `needs ${code(scope)}`}</span></p><p>${prose(description)}</p>
${parameterTable(document, operation.parameters ?? [])}
${content ? `<h4>Body${requestBody!.required ? '' : ' (may be left out)'}</h4><p>${code(type)}: ${typeOf(content.schema)}</p>` : ''}
${content?.example ? `<pre>${json(content.example)}</pre>` : ''}
<h4>Answers</h4><table>${Object.entries(responses)
    .map(([status, response]) => answerRow(status, resolved(document, response)))
    .join('')}</table></article>`;
}

function parameterTable(document: OpenApiDocument, parameters: SchemaObject[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map((given) => {
    const name = typeof given.$ref === 'string' ? given.$ref.split('/').at(-1)! : '';
    const parameter = (name ? document.components.parameters![name] : given) as SchemaObject;
    const schema = parameter.schema as SchemaObject;
    return `<tr><td>${code(parameter.name)}${parameter.required ? ' *' : ''}</td><td>${text(parameter.in)}</td>
<td>${typeOf(schema)}</td><td>${prose(parameter.description as string | undefined)}</td></tr>`;
  });
  return `<h4>Parameters</h4><table>${rows.join('')}</table>`;
}

function resolved({ components }: OpenApiDocument, response: ResponseObject): ResponseObject {
  return response.$ref === undefined ? response : components.responses![response.$ref.split('/').at(-1)!]!;
}

function answerRow(status: string, { description, content }: ResponseObject): string {
  const [type, { schema }] = Object.entries(content ?? {})[0] ?? ['', { schema: {} }];
  const shown = type === 'application/json' ? typeOf(schema) : text(type);
  return `<tr><td>${code(status)}</td><td>${prose(description)}</td><td>${shown}</td></tr>`;
}

/** What a schema allows, in a line. */
function typeOf(schema: SchemaObject): string {
  const { $ref, anyOf, oneOf, allOf, enum: values, const: only, type, items } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1)!;
    return `<a href="#${text(name)}">${text(name)}</a>`;
  }
  const choices = (anyOf ?? oneOf ?? allOf) as SchemaObject[] | undefined;
  if (choices) return choices.map(typeOf).join(allOf ? ' and ' : ' or ') + limits(schema);
  if (Array.isArray(values)) return values.map((value) => code(JSON.stringify(value))).join(' · ');
  if (only !== undefined) return code(JSON.stringify(only));
  if (type === 'array') return `list of ${typeOf((items ?? {}) as SchemaObject)}${limits(schema)}`;
  if (type === 'object' && schema.properties) return fields(schema);
  return text(type ?? 'anything') + limits(schema);
}

const LIMITS = [
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
];

function limits(schema: SchemaObject): string {
  const said = [...LIMITS, 'default', 'pattern']
    .filter((name) => schema[name] !== undefined)
    .map(
      (name) =>
        `${name} ${code(typeof schema[name] === 'string' ? schema[name] : JSON.stringify(schema[name]))}`,
    );
  return said.length === 0 ? '' : ` <small>${said.join(', ')}</small>`;
}

function fields(schema: SchemaObject): string {
  const { properties, required = [] } = schema;
  if (!properties) return `<p>${typeOf(schema)}</p>`;
  const rows = Object.entries(properties as Record<string, SchemaObject>).map(
    ([name, field]) =>
      `<tr><td>${code(name)}${(required as string[]).includes(name) ? ' *' : ''}</td>
<td>${typeOf(field)}</td><td>${prose(field.description as string | undefined)}</td></tr>`,
  );
  return `<p>${prose(schema.description as string | undefined)}</p><table>${rows.join('')}</table>`;
}
