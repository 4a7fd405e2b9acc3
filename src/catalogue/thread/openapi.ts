/** The webhooks of an OpenAPI 3.1 document as event types, in a thread of the sandbox. */
import { eventTypeProblem } from '../../events/pattern.ts';
import { MAX_EXAMPLE_BYTES, MAX_SCHEMA_BYTES } from '../limits.ts';
import type { DescribedType, Misfit, TaskResults } from '../../sandbox/tasks.ts';
import { followRefs, isObject, RefError, selfContained, type Members } from './refs.ts';
import { sampleOf } from './sample.ts';
import { checkSchema } from './schema.ts';

export const MAX_IMPORTED = 1_000;
const MAX_DESCRIPTION_CHARS = 1_000;
const MAX_GROUP_CHARS = 100;

class Wrong extends Error {
  readonly path: (string | number)[];
  constructor(path: (string | number)[], message: string) {
    super(message);
    this.path = path;
  }
}

/** `dataProperty`: the member of the bodies that is the event's `data`; null: the whole body is. */
export function readOpenApi(text: string, dataProperty: string | null): TaskResults['read-openapi'] {
  const document = JSON.parse(text) as Members;
  const { openapi, webhooks } = document;
  const wrong = (path: (string | number)[], message: string) => ({
    types: [],
    problems: [{ path, message }],
  });
  if (typeof openapi !== 'string' || !/^3\.[12]\./.test(openapi))
    return wrong(['openapi'], 'must be a version of OpenAPI that has webhooks, such as "3.1.0"');
  if (!isObject(webhooks) || Object.keys(webhooks).length === 0)
    return wrong(['webhooks'], 'is missing or empty: event types are made of what it lists');
  const names = Object.keys(webhooks);
  if (names.length > MAX_IMPORTED)
    return wrong(['webhooks'], `has ${names.length} webhooks; ${MAX_IMPORTED} are taken`);
  const types: DescribedType[] = [];
  const problems: Misfit[] = [];
  for (const name of names) {
    try {
      types.push(typeOf(document, name, webhooks[name], dataProperty));
    } catch (error) {
      if (!(error instanceof Wrong || error instanceof RefError)) throw error;
      problems.push({
        path: ['webhooks', name, ...(error instanceof Wrong ? error.path : [])],
        message: error.message,
      });
    }
  }
  return { types, problems };
}

function typeOf(
  document: Members,
  name: string,
  webhook: unknown,
  dataProperty: string | null,
): DescribedType {
  const problem = eventTypeProblem(name);
  if (problem) throw new Wrong([], problem);
  const item = objectAt(document, webhook, []);
  const method = ['post', 'put'].find((each) => each in item);
  if (!method) throw new Wrong([], 'has no "post" (or "put"), which would say what is sent');
  const operation = objectAt(document, item[method], [method]);
  const media = mediaOf(document, operation, [method]);
  const schema = media && schemaOf(document, media, dataProperty, [method, 'requestBody']);
  const written = media && exampleOf(document, media, dataProperty);
  const generated = schema !== null && written === null ? sampleOf(schema) : null;
  return {
    name,
    description: textOf(
      [operation.description, operation.summary, item.description, item.summary],
      MAX_DESCRIPTION_CHARS,
    ),
    group: textOf(Array.isArray(operation.tags) ? operation.tags : [], MAX_GROUP_CHARS),
    deprecated: operation.deprecated === true,
    schema,
    example: written ?? generated,
    exampleIsGenerated: written === null && generated !== null,
  };
}

function objectAt(document: Members, value: unknown, path: string[]): Members {
  const found = followRefs(document, value);
  if (!isObject(found)) throw new Wrong(path, 'must be an object');
  return found;
}

/** Null: nothing is said of a body. */
function mediaOf(document: Members, operation: Members, path: string[]): Members | null {
  if (operation.requestBody === undefined) return null;
  const body = objectAt(document, operation.requestBody, [...path, 'requestBody']);
  const content = objectAt(document, body.content, [...path, 'requestBody', 'content']);
  const type = Object.keys(content).find((each) => /^application\/(?:[\w.+-]+\+)?json\b/i.test(each));
  if (type === undefined)
    throw new Wrong(
      [...path, 'requestBody', 'content'],
      'has no "application/json", and nothing else is sent',
    );
  return objectAt(document, content[type], [...path, 'requestBody', 'content', type]);
}

function schemaOf(
  document: Members,
  media: Members,
  dataProperty: string | null,
  path: string[],
): string | null {
  if (media.schema === undefined) return null;
  const whole = objectAt(document, media.schema, [...path, 'schema']);
  let schema: unknown = media.schema;
  if (dataProperty !== null) {
    const { properties } = whole;
    if (!isObject(properties) || !Object.hasOwn(properties, dataProperty))
      throw new Wrong(path, `its schema has no property "${dataProperty}", which "data_property" names`);
    schema = properties[dataProperty];
  }
  const text = JSON.stringify(selfContained(document, schema));
  if (Buffer.byteLength(text) > MAX_SCHEMA_BYTES)
    throw new Wrong(
      path,
      `its schema is ${Buffer.byteLength(text)} bytes with all it refers to; ${MAX_SCHEMA_BYTES} are taken`,
    );
  const misfit = checkSchema(text);
  if (misfit) throw new Wrong([...path, 'schema', ...misfit.path], misfit.message);
  return text;
}

/** The first one that is written down and is an object; null: there is none. */
function exampleOf(document: Members, media: Members, dataProperty: string | null): string | null {
  const examples = isObject(media.examples) ? Object.values(media.examples) : [];
  const written = [
    media.example,
    ...examples.map((each) => (followRefs(document, each) as Members | undefined)?.value),
  ];
  for (const each of written) {
    const data = dataProperty === null ? each : isObject(each) ? each[dataProperty] : undefined;
    if (!isObject(data)) continue;
    const text = JSON.stringify(data);
    if (Buffer.byteLength(text) <= MAX_EXAMPLE_BYTES) return text;
  }
  return null;
}

function textOf(candidates: unknown[], maxChars: number): string | null {
  for (const each of candidates)
    if (typeof each === 'string' && each.trim() !== '')
      return each.trim().replaceAll('\0', '').slice(0, maxChars);
  return null;
}
