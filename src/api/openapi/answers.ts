/** What the API shows, as views.ts makes it. A test checks every answer of the suite against it. */
import { z } from 'zod';
import { SCOPES } from '../../access/credential.ts';
import { ENVIRONMENTS } from '../../events/environments.ts';
import { STATUSES } from '../../lifecycle.ts';
import { PROBLEMS } from '../../problem.ts';
import { templateSchema } from '../../templates/template.ts';
import { answer, at, count } from './operation.ts';

export const texts = z.record(z.string(), z.string());
export const environment = z.enum(ENVIRONMENTS);
export const deliveryStatus = z.enum(STATUSES);

export const fieldError = answer(
  'FieldError',
  z.object({
    path: z.string().meta({ description: 'As the caller wrote it: `events[2].type`.' }),
    message: z.string(),
  }),
);
export const warnings = z
  .array(fieldError)
  .meta({ description: 'What is odd about the request, and was taken all the same.' });

export const problem = answer(
  'Problem',
  z
    .object({
      type: z.literal('about:blank'),
      title: z.string(),
      status: z.int(),
      code: z.enum(Object.keys(PROBLEMS)).meta({ description: 'Stays as it is; the words may change.' }),
      detail: z.string().meta({ description: 'What was wrong, and what to do, for people.' }),
      errors: z
        .array(fieldError)
        .optional()
        .meta({ description: 'The first twenty wrong fields, and how many more.' }),
    })
    .meta({ description: 'RFC 9457. What it is about is in `code`.' }),
);

export const tenant = answer(
  'Tenant',
  z.object({
    id: z.string(),
    name: z.string().nullable(),
    metadata: texts,
    notify_emails: z.array(z.string()),
    created_at: at,
    updated_at: at,
    deleting_since: at.nullable(),
  }),
);

const held = answer(
  'Held',
  z.object({
    count,
    is_more: z.boolean().meta({ description: 'There are more than were counted.' }),
    since: at.nullable(),
    release: z
      .object({
        kind: z.enum(['deliver', 'discard']),
        per_second: z.number().nullable(),
        released: count,
        started_at: at,
      })
      .nullable(),
  }),
);

export const endpoint = answer(
  'Endpoint',
  z.object({
    id: z.string(),
    tenant_id: z.string(),
    url: z.string().meta({ format: 'uri' }),
    name: z.string().nullable(),
    profile: z.string(),
    events: z.array(z.string()),
    environments: z.array(environment),
    method: z.enum(['POST', 'PUT']),
    signed: z.boolean(),
    signature: z.enum(['hmac', 'ed25519', 'both']),
    public_key: z.string().nullable().meta({ description: 'Of Ed25519 signatures: `whpk_…`.' }),
    previous_secrets_valid_until: z.array(at),
    timeout_seconds: z.number(),
    max_retries: count,
    retry_interval: z.enum(['exponential', 'fixed']),
    retry_delay_seconds: z.number().nullable(),
    retry_schedule_seconds: z.array(z.number()).meta({ description: 'As they will be used.' }),
    notify_on_failure: z.boolean(),
    notify_emails: z.array(z.string()),
    disable_after_days: z.number().nullable(),
    probe: z.boolean(),
    headers: texts.meta({ description: 'Values that look like credentials are `[redacted]`.' }),
    auth: z
      .union([
        z.object({ type: z.literal('bearer') }),
        z.object({ type: z.literal('basic'), username: z.string() }),
      ])
      .nullable(),
    verify_tls: z.boolean(),
    ca: z.string().nullable(),
    client_certificate: z
      .object({
        subject: z.string(),
        issuer: z.string(),
        serial_number: z.string(),
        fingerprint_sha256: z.string(),
        valid_until: at,
      })
      .nullable(),
    allowed_ips: z.array(z.string()),
    max_in_flight: z.int().nullable(),
    template: templateSchema.nullable(),
    ordering: z.enum(['none', 'fifo']),
    rate_limit: z.object({ per_second: z.number(), burst: z.int() }).nullable(),
    slowed_until: at.nullable(),
    enabled: z.boolean(),
    disabled_reason: z
      .string()
      .nullable()
      .meta({ description: '`manual`, `gone` (it answered 410) or `failing`.' }),
    failing_since: at.nullable(),
    held,
    unreadable: z.string().optional().meta({ description: 'Why nothing can be sent to it.' }),
    metadata: texts,
    created_at: at,
    updated_at: at,
  }),
);

export const event = answer(
  'Event',
  z.object({
    id: z.string(),
    type: z.string(),
    environment,
    timestamp: at,
    ordering_key: z.string().nullable(),
    created_at: at,
    data: z
      .looseObject({})
      .nullable()
      .optional()
      .meta({ description: 'Of a single event only. null: dropped because of its age.' }),
    delivery_ids: z.array(z.string()).optional().meta({ description: 'Of a single event only.' }),
  }),
);

const keyFields = {
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  tenant_id: z.string().nullable(),
  created_at: at,
  expires_at: at.nullable(),
  revoked_at: at.nullable(),
  last_used_at: at.nullable(),
};
export const apiKey = answer('ApiKey', z.object(keyFields));
export const newApiKey = answer(
  'NewApiKey',
  z.object({ ...keyFields, key: z.string().meta({ description: 'The key itself: shown this once.' }) }),
);
