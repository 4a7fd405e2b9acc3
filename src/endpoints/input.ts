import { z } from 'zod';
import { ENVIRONMENTS } from '../events/environments.ts';
import { PATTERN_SCHEMA, patternProblem } from '../events/pattern.ts';
import { MASK } from '../http/mask.ts';
import { certificatesProblem, clientCertificateProblem } from '../http/tls-identity.ts';
import { parseNetwork } from '../http/address-guard.ts';
import { MAX_BURST, MAX_PER_SECOND, MIN_PER_SECOND } from '../rate-limit.ts';
import { isReservedHeader } from '../profiles/reserved-headers.ts';
import { storable, text } from '../text-input.ts';
import { templateSchema } from '../templates/template.ts';
import { checkSecret } from '../signing/key-text.ts';

/** What a request may say about an endpoint. Rules that need the profile or the network are in rules.ts. */

/** A zod check from a function that names the problem. */
export const checked = (problemOf: (value: string) => string | null) =>
  z.string().superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

/** Families of signature headers: what a receiver's library may look at besides those that a profile names. */
const SIGNATURE_HEADER = /^(webhook|svix)-/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const HEADER_VALUE = /^[\x20-\x7e]{0,2000}$/;

export const reservedMessage = (name: string) => `"${name}" is reserved: Posthorn or HTTP sets it itself`;

function headerProblem(name: string, value: string): string | null {
  if (!HEADER_NAME.test(name)) return `"${name}" is not a header name`;
  if (/^authorization$/i.test(name)) return 'use "auth" for credentials';
  if (isReservedHeader(name) || SIGNATURE_HEADER.test(name)) return reservedMessage(name);
  if (value === MASK) return `is masked in answers; give the real value, or leave "headers" out to keep it`;
  if (!HEADER_VALUE.test(value)) return 'must be up to 2000 printable ASCII characters';
  return null;
}

const networkProblem = (value: string) =>
  parseNetwork(value) ? null : `"${value}" is not an IP address or network such as 203.0.113.0/24`;

/** Text to text. A member `__proto__` is refused by name: a record's parser would silently drop it. */
const textMap = (key: z.ZodString, value: z.ZodString) =>
  z.preprocess(
    (input, context) => {
      if (typeof input === 'object' && input !== null && Object.hasOwn(input, '__proto__'))
        context.addIssue({ code: 'custom', message: 'is not allowed as a name', path: ['__proto__'] });
      return input;
    },
    z.record(key, value),
  );

/** Of an endpoint or a tenant. A list shows it in every row. */
const MAX_METADATA_NAMES = 50;
const MAX_METADATA_BYTES = 16 << 10;

export const metadata = textMap(storable(z.string().max(100)), storable(z.string().max(1000)))
  .superRefine((all, context) => {
    const message =
      Object.keys(all).length > MAX_METADATA_NAMES
        ? `at most ${MAX_METADATA_NAMES} names`
        : Buffer.byteLength(JSON.stringify(all)) > MAX_METADATA_BYTES
          ? `at most ${MAX_METADATA_BYTES} bytes of JSON in all`
          : null;
    if (message) context.addIssue({ code: 'custom', message });
  })
  .meta({
    maxProperties: MAX_METADATA_NAMES,
    description: `At most ${MAX_METADATA_BYTES} bytes of JSON in all.`,
  });

const headers = textMap(z.string(), z.string())
  .superRefine((all, context) => {
    if (Object.keys(all).length > 30) context.addIssue({ code: 'custom', message: 'at most 30 headers' });
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(all)) {
      const twice = seen.has(name.toLowerCase())
        ? 'is there twice: upper and lower case are the same header'
        : null;
      seen.add(name.toLowerCase());
      const problem = headerProblem(name, value) ?? twice;
      if (problem) context.addIssue({ code: 'custom', message: problem, path: [name] });
    }
  })
  .meta({
    maxProperties: 30,
    propertyNames: { pattern: HEADER_NAME.source },
    additionalProperties: { type: 'string', pattern: HEADER_VALUE.source },
  });

const auth = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('bearer'),
    token: text(4000).regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces'),
  }),
  z.strictObject({
    type: z.literal('basic'),
    username: text(500).regex(/^[^:]*$/, 'must not contain a colon'),
    password: z.string().max(500, 'must have at most 500 characters'),
  }),
]);

const MAX_PEM = 64 << 10;

const clientCertificate = z
  .strictObject({ certificate: text(MAX_PEM), key: text(MAX_PEM) })
  .superRefine((value, context) => {
    const problem = clientCertificateProblem(value);
    if (problem) context.addIssue({ code: 'custom', path: [problem.part], message: problem.message });
  });

const seconds = (min: number, max: number) =>
  z
    .int(`must be a whole number of seconds from ${min} to ${max}`)
    .min(min, `must be at least ${min} seconds`)
    .max(max, `must be at most ${max} seconds`);

const rateLimit = z.strictObject({
  per_second: z
    .number()
    .min(MIN_PER_SECOND, `must be at least ${MIN_PER_SECOND}; to send nothing at all, disable the endpoint`)
    .max(MAX_PER_SECOND, `must be at most ${MAX_PER_SECOND}`),
  burst: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(MAX_BURST, `must be at most ${MAX_BURST}`)
    .default(1),
});

const YEAR_SECONDS = 366 * 24 * 3600;

/** Of an endpoint or a tenant. */
export const emails = z
  .array(text(254).pipe(z.email('must be an e-mail address')).meta({ format: 'email' }))
  .max(20, 'at most 20 addresses');

export const secretSchema = checked(checkSecret).meta({ minLength: 16, maxLength: 256, writeOnly: true });

export const endpointSettings = z.strictObject({
  url: z.string().meta({ format: 'uri', maxLength: 2048, examples: ['https://hooks.example.com/posthorn'] }),
  name: text(200).nullable(),
  profile: z.string(),
  events: z
    .array(checked(patternProblem).meta(PATTERN_SCHEMA))
    .min(1, 'must name at least one event or "*"')
    .max(200, 'at most 200 patterns'),
  environments: z.array(z.enum(ENVIRONMENTS)).min(1, 'must name at least one environment'),
  method: z.enum(['POST', 'PUT']),
  secret: secretSchema.nullable(),
  signature: z.enum(['hmac', 'ed25519', 'both']),
  timeout_seconds: seconds(1, 30).nullable(),
  max_retries: z.int().min(0, 'must be at least 0').max(100, 'must be at most 100').nullable(),
  retry_interval: z.enum(['exponential', 'fixed']).nullable(),
  retry_delay_seconds: seconds(1, YEAR_SECONDS).nullable(),
  retry_schedule_seconds: z
    .array(seconds(0, YEAR_SECONDS))
    .min(1, 'must hold at least one delay')
    .max(100, 'at most 100 delays')
    .nullable(),
  notify_on_failure: z.boolean(),
  notify_emails: emails,
  probe: z.boolean(),
  disable_after_days: z
    .number('must be a number of days, or null')
    .min(0.01, 'must be at least 0.01 days, or null for never')
    .max(365, 'must be at most 365 days, or null for never')
    .nullable(),
  headers,
  auth: auth.nullable(),
  verify_tls: z.boolean(),
  ca: text(MAX_PEM).pipe(checked(certificatesProblem)).nullable(),
  client_certificate: clientCertificate.nullable(),
  allowed_ips: z
    .array(checked(networkProblem).meta({ examples: ['203.0.113.7', '2001:db8::/32'] }))
    .max(100, 'at most 100 networks'),
  max_in_flight: z.int().min(1, 'must be at least 1').max(1000, 'must be at most 1000').nullable(),
  template: templateSchema.nullable(),
  ordering: z.enum(['none', 'fifo']),
  rate_limit: rateLimit.nullable(),
  enabled: z.boolean(),
  metadata,
});

export const createEndpointSchema = endpointSettings.partial().required({ url: true });
/** The profile decides secret and bytes, so it stays; the secret changes by rotation, which has a grace period. */
export const patchEndpointSchema = endpointSettings.omit({ profile: true, secret: true }).partial();
export const rotateSchema = z.strictObject({
  secret: secretSchema.optional(),
  grace_seconds: seconds(0, 30 * 24 * 3600).default(86_400),
  primary: z.enum(['new', 'previous']).default('new'),
});

export type EndpointSettings = z.infer<typeof createEndpointSchema>;
export type EndpointPatch = z.infer<typeof patchEndpointSchema>;
