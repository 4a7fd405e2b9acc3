import { z } from 'zod';
import { ENVIRONMENTS } from '../accept/event-input.ts';
import { patternProblem } from '../events/pattern.ts';
import { MASK } from '../http/mask.ts';
import { parseNetwork } from '../http/address-guard.ts';
import { checkSecret } from '../signing/secret.ts';

/** What a request may say about an endpoint. Rules that need the profile or the network are in endpoint-rules.ts. */

export const text = (max: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine((value) => !value.includes('\0'), 'must not contain U+0000');

/** A zod check from a function that names the problem. */
const checked = (problemOf: (value: string) => string | null) =>
  z.string().superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

const RESERVED_HEADER =
  /^(host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|authorization|webhook-.*|svix-.*|x-8bit-.*|x-agentbot-.*)$/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const HEADER_VALUE = /^[\x20-\x7e]{0,2000}$/;

function headerProblem(name: string, value: string): string | null {
  if (!HEADER_NAME.test(name)) return `"${name}" is not a header name`;
  if (/^authorization$/i.test(name)) return 'use "auth" for credentials';
  if (RESERVED_HEADER.test(name)) return `"${name}" is reserved: Posthorn sets it itself`;
  if (value === MASK) return `is masked in answers; give the real value, or leave "headers" out to keep it`;
  if (!HEADER_VALUE.test(value)) return 'must be up to 2000 printable ASCII characters';
  return null;
}

const networkProblem = (value: string) =>
  parseNetwork(value) ? null : `"${value}" is not an IP address or network such as 203.0.113.0/24`;

const headers = z.record(z.string(), z.string()).superRefine((all, context) => {
  if (Object.keys(all).length > 30) context.addIssue({ code: 'custom', message: 'at most 30 headers' });
  for (const [name, value] of Object.entries(all)) {
    const problem = headerProblem(name, value);
    if (problem) context.addIssue({ code: 'custom', message: problem, path: [name] });
  }
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

const seconds = (min: number, max: number) =>
  z
    .int(`must be a whole number of seconds from ${min} to ${max}`)
    .min(min, `must be at least ${min} seconds`)
    .max(max, `must be at most ${max} seconds`);

const YEAR_SECONDS = 366 * 24 * 3600;

export const secretSchema = checked(checkSecret);

export const endpointSettings = z.strictObject({
  url: z.string(),
  name: text(200).nullable(),
  profile: z.string(),
  events: z
    .array(checked(patternProblem))
    .min(1, 'must name at least one event or "*"')
    .max(200, 'at most 200 patterns'),
  environments: z.array(z.enum(ENVIRONMENTS)).min(1, 'must name at least one environment'),
  method: z.enum(['POST', 'PUT']),
  secret: secretSchema.nullable(),
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
  notify_emails: z.array(z.email('must be an e-mail address')).max(20, 'at most 20 addresses'),
  headers,
  auth: auth.nullable(),
  verify_tls: z.boolean(),
  allowed_ips: z.array(checked(networkProblem)).max(100, 'at most 100 networks'),
  max_in_flight: z.int().min(1, 'must be at least 1').max(1000, 'must be at most 1000').nullable(),
  enabled: z.boolean(),
  metadata: z.record(z.string().max(100), z.string().max(1000)),
});

export const createEndpointSchema = endpointSettings.partial().required({ url: true });
/** The profile decides secret and bytes, so it stays; the secret changes by rotation, which has a grace period. */
export const patchEndpointSchema = endpointSettings.omit({ profile: true, secret: true }).partial();
export const rotateSchema = z.strictObject({
  secret: secretSchema.optional(),
  grace_seconds: seconds(0, 30 * 24 * 3600).default(86_400),
});

export type EndpointSettings = z.infer<typeof createEndpointSchema>;
