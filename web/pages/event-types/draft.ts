/** An event type as it is typed, and as the API takes it. Pure. */
import { parseExactObject } from '../../../src/exact-json.ts';
import type { Schemas } from '../../api/types.ts';

type EventType = Schemas['EventType'];

export interface Draft {
  name: string;
  description: string;
  group: string;
  schema: string;
  example: string;
  validate: boolean;
  deprecated: boolean;
  archived: boolean;
}

export const EMPTY: Draft = {
  ...{ name: '', description: '', group: '', schema: '', example: '' },
  ...{ validate: false, deprecated: false, archived: false },
};

const pretty = (value: object | null): string => (value === null ? '' : JSON.stringify(value, null, 2));

/** An example that was made from the schema is made again: nobody has written it. */
export const draftOf = (type: EventType): Draft => ({
  name: type.name,
  description: type.description ?? '',
  group: type.group ?? '',
  schema: pretty(type.schema),
  example: type.example_is_generated ? '' : pretty(type.example),
  validate: type.validate,
  deprecated: type.deprecated,
  archived: type.archived,
});

/** With every digit. Null: nothing was entered. Undefined: it is no JSON object. */
export const objectOf = (text: string): Record<string, unknown> | null | undefined =>
  text.trim() === '' ? null : parseExactObject(text);

export interface Unfit {
  schema?: true;
  example?: true;
}
export function unfitIn({ schema, example }: Draft): Unfit {
  return {
    ...(objectOf(schema) === undefined && { schema: true }),
    ...(objectOf(example) === undefined && { example: true }),
  };
}

/** All of it: what is left out would be forgotten. */
export const inputOf = (draft: Draft) => ({
  description: draft.description.trim() || null,
  group: draft.group.trim() || null,
  schema: objectOf(draft.schema) ?? null,
  example: objectOf(draft.example) ?? null,
  validate: draft.validate && draft.schema.trim() !== '',
  deprecated: draft.deprecated,
  archived: draft.archived,
});
