/** An event type as it is typed, and as the API takes it. Pure. */
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

/** Null: nothing was entered. Undefined: it is no JSON object. */
export function objectOf(text: string): Record<string, unknown> | null | undefined {
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

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
