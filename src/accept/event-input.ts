import { ENVIRONMENTS } from '../events/environments.ts';
import { z } from 'zod';
import type { Environment } from '../domain.ts';
import { OPERATIONS_TENANT } from '../events/operational.ts';
import { EVENT_TYPE_SCHEMA, eventTypeProblem } from '../events/pattern.ts';
import { isRawNumber } from '../json.ts';
import { Problem } from '../problem.ts';
import { isStorableTime, STORABLE_YEARS } from '../storable-time.ts';
import { fieldErrors } from '../validation.ts';

/** A valid event as the caller gave it. `dataJson` is the compact text that will be sent, whatever the profile. */
export interface EventInput {
  id: string | null;
  type: string;
  dataJson: string;
  timestamp: Date | null;
  environment: Environment;
  /** Of its fields, as the caller wrote them: `events[2].`, or nothing. */
  prefix: string;
  /** Where an endpoint is `fifo`: the event goes in one order with those of the same key. */
  orderingKey: string | null;
}

export const MAX_DATA_BYTES = 1 << 20;

export const TENANT = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

/** The same rule wherever an event comes in. */
export function parseTenant(tenant: string, path = 'tenant'): string {
  if (TENANT.test(tenant)) return tenant;
  throw Problem.field(
    path,
    'must be 1 to 128 letters, digits, ".", "_", ":", "@" or "-", the first a letter or digit',
  );
}

/** Of whoever publishes an event: not one that Posthorn keeps for itself. */
export function parsePublisher(tenant: string): string {
  const id = parseTenant(tenant);
  if (id !== OPERATIONS_TENANT) return id;
  throw Problem.field('tenant', `"${id}" is kept for what Posthorn publishes about itself`);
}

const isObject = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && !Array.isArray(data) && !isRawNumber(data);

const printable = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces');

export const eventSchema = z.strictObject({
  id: printable.optional(),
  type: z
    .string()
    .superRefine((type, context) => {
      const problem = eventTypeProblem(type);
      if (problem) context.addIssue({ code: 'custom', message: problem });
    })
    .meta(EVENT_TYPE_SCHEMA),
  // Not copied: same keys in the same order.
  data: z
    .custom<object>(isObject, 'must be a JSON object')
    .meta({ type: 'object', description: 'Up to 1 MiB as compact JSON. Every attempt sends these bytes.' }),
  timestamp: z.iso
    .datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-05-17T12:34:56Z' })
    .refine(isStorableTime, STORABLE_YEARS)
    .optional()
    .meta({ description: 'When it happened; now, if left out.' }),
  environment: z.enum(ENVIRONMENTS).default('production'),
  ordering_key: printable.optional(),
});

/** Throws a Problem that names each wrong field, its path beginning with `prefix`. */
export function parseEventInput(value: unknown, prefix: string): EventInput {
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) throw Problem.invalid(fieldErrors(parsed.error, prefix));
  const { id, type, data, timestamp, environment, ordering_key: orderingKey } = parsed.data;
  const dataJson = compactJson(data, `${prefix}data`);
  if (dataJson.length > MAX_DATA_BYTES || Buffer.byteLength(dataJson) > MAX_DATA_BYTES) {
    const message = `is ${Buffer.byteLength(dataJson)} bytes as compact JSON; at most ${MAX_DATA_BYTES} are accepted`;
    throw new Problem('payload_too_large', `data ${message}`, [{ path: `${prefix}data`, message }]);
  }
  return {
    id: id ?? null,
    type,
    dataJson,
    timestamp: timestamp === undefined ? null : new Date(timestamp),
    environment,
    prefix,
    orderingKey: orderingKey ?? null,
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
