import { z } from 'zod';

/** What Postgres takes as text and in JSON, and gives back as it was. */
export const storable = (schema: z.ZodString) =>
  schema
    .refine((value) => !value.includes('\0'), 'must not contain U+0000')
    .refine((value) => value.isWellFormed(), 'must not contain one half of a surrogate pair alone');

export const text = (maxChars: number) =>
  storable(z.string().min(1, 'must not be empty').max(maxChars, `must have at most ${maxChars} characters`));
