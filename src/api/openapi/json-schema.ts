import type { z } from 'zod';

/** How zod writes JSON Schema here. What it cannot express (a check of our own) says it with `.meta()`. */
export const toJsonSchema = {
  unrepresentable: 'any',
  override({ jsonSchema }) {
    // The format says it, in less than a screen.
    if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    // What JavaScript can count to is no limit of ours.
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  },
} as const satisfies z.core.ToJSONSchemaParams;
