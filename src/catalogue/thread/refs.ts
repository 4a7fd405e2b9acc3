/** References within one document: "#/components/schemas/Ticket". */

export type Members = Record<string, unknown>;

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A reference that leads nowhere, or outside. For people. */
export class RefError extends Error {}

/** One after the other, so many. */
const MAX_STEPS = 50;
const MAX_DEFINITIONS = 1_000;
/** Below these, `$ref` is a name like any other. */
const DATA_KEYWORDS = new Set(['example', 'examples', 'const', 'enum', 'default']);
/** Whose members are named by the author. */
const NAMED_KEYWORDS = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);

/** What a value, or the reference that it is, stands for. */
export function followRefs(document: Members, value: unknown): unknown {
  let found = value;
  for (let steps = 0; isObject(found) && typeof found.$ref === 'string'; steps += 1) {
    if (steps > MAX_STEPS) throw new RefError(`"${found.$ref}" leads in a circle`);
    found = lookUp(document, found.$ref);
  }
  return found;
}

function lookUp(document: Members, ref: string): unknown {
  if (ref !== '#' && !ref.startsWith('#/'))
    throw new RefError(
      `refers to "${ref}": only references within the document ("#/components/…") are followed`,
    );
  let found: unknown = document;
  for (const part of ref.split('/').slice(1).map(unescaped)) {
    const isThere = (isObject(found) || Array.isArray(found)) && Object.hasOwn(found, part);
    if (!isThere) throw new RefError(`refers to "${ref}", which is not in the document`);
    found = (found as Members)[part];
  }
  return found;
}

function unescaped(part: string): string {
  let plain = part;
  try {
    plain = decodeURIComponent(part);
  } catch {
    // Not encoded at all: taken as it is.
  }
  return plain.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The schema with all it refers to in its own `$defs`. What refers to itself goes on doing so. */
export function selfContained(document: Members, schema: unknown): unknown {
  const names = new Map<string, string>();
  const definitions: Members = {};

  function nameOf(ref: string): string {
    const known = names.get(ref);
    if (known !== undefined) return known;
    if (names.size >= MAX_DEFINITIONS)
      throw new RefError(`refers to more than ${MAX_DEFINITIONS} other schemas`);
    const safe = unescaped(ref.split('/').at(-1)!).replaceAll(/[^\w.-]/g, '_') || 'document';
    // An object takes that for its prototype: the schema would be lost, and all data fit it.
    const last = safe === '__proto__' ? 'proto' : safe;
    let name = last;
    for (let count = 2; Object.hasOwn(definitions, name); count += 1) name = `${last}_${count}`;
    names.set(ref, name);
    // Known before it is gone through: it may refer to itself.
    definitions[name] = true;
    definitions[name] = copy(lookUp(document, ref));
    return name;
  }

  function copy(value: unknown, areNames = false): unknown {
    if (Array.isArray(value)) return value.map((each) => copy(each));
    if (!isObject(value)) return value;
    const result: Members = {};
    for (const [key, member] of Object.entries(value)) {
      if (!areNames && DATA_KEYWORDS.has(key)) result[key] = member;
      else if (!areNames && key === '$ref' && typeof member === 'string')
        result[key] = `#/$defs/${nameOf(member)}`;
      else if (key !== '__proto__') result[key] = copy(member, !areNames && NAMED_KEYWORDS.has(key));
    }
    return result;
  }

  const result = copy(schema);
  if (!isObject(result) || names.size === 0) return result;
  return { ...result, $defs: { ...(isObject(result.$defs) ? result.$defs : {}), ...definitions } };
}
