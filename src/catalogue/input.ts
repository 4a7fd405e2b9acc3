import { z } from 'zod';
import { isRawNumber } from '../json.ts';
import type { EventTypeSettings } from '../store/event-types.ts';
import { MAX_EXAMPLE_BYTES, MAX_SCHEMA_BYTES } from './limits.ts';
import { text } from '../text-input.ts';

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);

/** An object, as the compact JSON text that is stored. */
const jsonObject = (maxBytes: number) =>
  z
    .custom<object>(isObject, 'must be a JSON object')
    .meta({ type: 'object', description: `At most ${maxBytes} bytes as compact JSON.` })
    .transform((value) => JSON.stringify(value))
    .refine(
      (json) => Buffer.byteLength(json) <= maxBytes,
      `must have at most ${maxBytes} bytes as compact JSON`,
    );

/** All there is to say of an event type: what is left out is not kept from before. */
export const eventTypeSchema = z
  .strictObject({
    description: text(1_000).nullable().default(null),
    group: text(100).nullable().default(null),
    schema: jsonObject(MAX_SCHEMA_BYTES).nullable().default(null),
    example: jsonObject(MAX_EXAMPLE_BYTES).nullable().default(null),
    validate: z.boolean().default(false),
    archived: z.boolean().default(false),
    deprecated: z.boolean().default(false),
  })
  .refine(({ validate, schema }) => !validate || schema !== null, {
    path: ['validate'],
    message: 'needs a schema to check payloads against',
  })
  .transform((input): EventTypeSettings => ({ ...input, exampleIsGenerated: false }));

export const importSchema = z.strictObject({
  document: z
    .custom<object>(isObject, 'must be an OpenAPI document, as a JSON object')
    .meta({ type: 'object', description: 'OpenAPI 3.1, as JSON.' }),
  dry_run: z.boolean().default(false),
  /** The member of the bodies that is the event's data. */
  data_property: text(100).nullable().default(null),
  /** Of all that it describes; left out, it stays as it is for each. */
  validate: z.boolean().optional(),
});
