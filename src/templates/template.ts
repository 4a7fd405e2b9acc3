/** What an endpoint may say about the body that it wants. Types and input only: evaluating is for the sandbox. */
import { z } from 'zod';

export const PRESETS = ['slack', 'discord', 'teams'] as const;
export type PresetName = (typeof PRESETS)[number];

export interface Preset {
  preset: PresetName;
  /** `{type}`, `{data.subject}` stand for what the event has there. */
  title?: string | undefined;
  /** Paths of what is shown; without them, the first members of the data. */
  fields?: string[] | undefined;
  /** Path of a URL that the message leads to. */
  link?: string | undefined;
}

export type Template = { jsonata: string } | Preset;

export const MAX_TEMPLATE_CHARS = 16 << 10;
const MAX_FIELDS = 20;

const withoutNul = (value: string): boolean => !value.includes('\0');
const path = z
  .string()
  .max(200, 'must have at most 200 characters')
  .regex(/^[^\s.\0]+(?:\.[^\s.\0]+)*$/, 'must be a path such as data.ticket.subject');

export const templateSchema = z.union(
  [
    z.strictObject({
      jsonata: z
        .string()
        .min(1, 'must not be empty')
        .max(MAX_TEMPLATE_CHARS, `must have at most ${MAX_TEMPLATE_CHARS} characters`)
        .refine(withoutNul, 'must not contain U+0000'),
    }),
    z.strictObject({
      preset: z.enum(PRESETS),
      title: z.string().min(1).max(500, 'must have at most 500 characters').refine(withoutNul).optional(),
      fields: z.array(path).min(1).max(MAX_FIELDS, `at most ${MAX_FIELDS} fields`).optional(),
      link: path.optional(),
    }),
  ],
  {
    error: `must be {"jsonata": "…"} of up to ${MAX_TEMPLATE_CHARS} characters, or {"preset": "${PRESETS.join('" | "')}"} with title, fields, link`,
  },
);
