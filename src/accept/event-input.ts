import { z } from 'zod';
import type { Environment } from '../domain.ts';
import { eventTypeProblem } from '../events/pattern.ts';
import { Problem } from '../problem.ts';
import { fieldErrors } from '../validation.ts';

/** A valid event as the caller gave it. `dataJson` is the compact text that will be sent, whatever the profile. */
export interface EventInput {
  id: string | null;
  type: string;
  dataJson: string;
  timestamp: Date | null;
  environment: Environment;
}

export const ENVIRONMENTS = ['production', 'staging', 'development'] as const;
export const MAX_DATA_BYTES = 1 << 20;

const TENANT = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

/** The same rule wherever an event comes in. */
export function parseTenant(tenant: string): string {
  if (TENANT.test(tenant)) return tenant;
  throw Problem.field(
    'tenant',
    'must be 1 to 128 letters, digits, ".", "_", ":", "@" or "-", the first a letter or digit',
  );
}

/** True for what is no time at all: that has been said by then. */
function isStorable(time: string): boolean {
  const ms = Date.parse(time);
  return Number.isNaN(ms) || /^(?!0000)\d{4}-/.test(new Date(ms).toISOString());
}

export const eventSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces')
    .optional(),
  type: z.string().superRefine((type, context) => {
    const problem = eventTypeProblem(type);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  }),
  data: z.record(z.string(), z.unknown(), { error: 'must be a JSON object' }),
  timestamp: z.iso
    .datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-05-17T12:34:56Z' })
    .refine(isStorable, 'must lie in the years 1 to 9999')
    .optional(),
  environment: z.enum(ENVIRONMENTS).default('production'),
});

/** Throws a Problem that names each wrong field, its path beginning with `prefix`. */
export function parseEventInput(value: unknown, prefix: string): EventInput {
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) throw Problem.invalid(fieldErrors(parsed.error, prefix));
  const { id, type, timestamp, environment } = parsed.data;
  // The caller's object, not zod's copy: same keys in the same order.
  const dataJson = compactJson((value as { data: unknown }).data, `${prefix}data`);
  if (dataJson.length > MAX_DATA_BYTES || Buffer.byteLength(dataJson) > MAX_DATA_BYTES) {
    const message = `is ${Buffer.byteLength(dataJson)} bytes as compact JSON; at most ${MAX_DATA_BYTES} are accepted`;
    throw new Problem(413, 'Payload too large', `data ${message}`, [{ path: `${prefix}data`, message }]);
  }
  return {
    id: id ?? null,
    type,
    dataJson,
    timestamp: timestamp === undefined ? null : new Date(timestamp),
    environment,
  };
}

export function compactJson(data: unknown, path: string): string {
  try {
    return JSON.stringify(data);
  } catch {
    // Reading JSON has no limit of depth, writing it has that of the stack.
    throw Problem.field(path, 'is nested too deeply');
  }
}
