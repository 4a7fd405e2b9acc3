/** Checks profiles that come from outside. The built-in ones pass it too (tested), so both are held to one rule. */
import { z } from 'zod';
import { eventTypeProblem } from '../events/pattern.ts';
import type { Profile } from './profile.ts';
import { isReservedHeader } from './reserved-headers.ts';

/** A header name as RFC 9110 §5.1 has it. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

const headerName = z
  .string()
  .regex(HEADER_NAME, 'is not a header name: letters, digits and hyphens, at most 64')
  .refine((name) => !isReservedHeader(name), 'is a header that Posthorn or HTTP itself sets');

const headers = z
  .strictObject({
    eventId: headerName.optional(),
    deliveryId: headerName.optional(),
    timestamp: headerName.optional(),
    eventType: headerName.optional(),
    signature: headerName,
    previousSignature: headerName.optional(),
  })
  .refine(
    (names) => allDifferent(Object.values(names).map((name) => name?.toLowerCase())),
    'uses the same header name twice (upper and lower case are the same)',
  );

const prefix = z
  .string()
  .regex(/^[\x21-\x7e]{0,32}$/, 'must be at most 32 visible ASCII characters')
  .optional();
const signature = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('standard') }),
  z.strictObject({ scheme: z.literal('hex-body'), prefix }),
  z.strictObject({ scheme: z.literal('base64-body'), prefix }),
  z.strictObject({ scheme: z.literal('timestamped-hex') }),
]);

/** No whole numbers as names: JavaScript moves such members to the front when it parses and writes an object. */
const fieldName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/,
    'must begin with a letter or _ and go on with letters, digits, _ or -',
  );

const envelope = z
  .array(
    z.strictObject({
      field: fieldName,
      from: z.enum(['id', 'type', 'timestamp', 'environment', 'tenant', 'data']),
    }),
  )
  .refine(
    (fields) => fields.filter((field) => field.from === 'data').length === 1,
    'must have "data" exactly once',
  )
  .refine((fields) => allDifferent(fields.map((field) => field.field)), 'has the same field name twice');

const delaySeconds = z
  .number()
  .min(0)
  .max(7 * 86_400);
const delaysSeconds = z.array(delaySeconds).min(1).max(100);

const eventType = z.string().superRefine((value, context) => {
  const problem = eventTypeProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

/** One profile in a JSON file. `exponentialSeconds` may be left out: then it is the schedule's own delays. */
export const profileSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, - and _, at most 64'),
    description: z.string().min(1).max(500),
    headers,
    signature,
    secretFormat: z.enum(['hex', 'whsec']).default('hex'),
    secretOptional: z.boolean().default(false),
    envelope,
    timestampFormat: z.enum(['iso', 'iso-seconds', 'unix-seconds']).default('iso'),
    schedule: z.strictObject({
      delaysSeconds,
      maxRetries: z.int().min(0).max(100),
      jitter: z.number().min(0).max(0.5).default(0),
    }),
    exponentialSeconds: delaysSeconds.optional(),
    timeoutSeconds: z.number().min(1).max(60),
    methods: z.tuple([z.enum(['POST', 'PUT'])], z.enum(['POST', 'PUT'])).default(['POST']),
    events: z
      .array(
        z.strictObject({
          type: eventType,
          description: z.string().min(1),
          example: z.record(z.string(), z.json()),
        }),
      )
      .refine(
        (entries) => allDifferent(entries.map((entry) => entry.type)),
        'lists the same event type twice',
      )
      .default([]),
  })
  .superRefine((profile, context) => {
    for (const [header, reason] of headersMissing(profile)) {
      context.addIssue({ code: 'custom', path: ['headers', header], message: reason });
    }
  })
  .transform((profile): Profile => ({
    ...profile,
    exponentialSeconds: profile.exponentialSeconds ?? profile.schedule.delaysSeconds,
  }));

/** Headers without which a receiver could not check the signature, and those that this scheme never sends. */
function* headersMissing(profile: Pick<Profile, 'headers' | 'signature'>): Generator<[string, string]> {
  const { scheme } = profile.signature;
  if (scheme === 'standard') {
    for (const header of ['eventId', 'timestamp'] as const) {
      if (!profile.headers[header]) yield [header, 'is required: the "standard" scheme signs its value'];
    }
  }
  if (profile.headers.previousSignature && (scheme === 'standard' || scheme === 'timestamped-hex')) {
    yield ['previousSignature', `is never sent: the "${scheme}" scheme puts all signatures into one header`];
  }
}

function allDifferent(values: readonly (string | undefined)[]): boolean {
  return new Set(values).size === values.length;
}
