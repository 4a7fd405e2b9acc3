/** Deliveries and their attempts, as views.ts makes them. */
import { z } from 'zod';
import { ERROR_CLASSES } from '../../error-classes.ts';
import { deliveryStatus, environment, texts } from './answers.ts';
import { answer, at, count } from './operation.ts';

const trigger = z.enum(['schedule', 'manual', 'replay', 'test', 'probe']);

const deliveryFields = {
  id: z.string(),
  event_id: z.string(),
  event_type: z.string(),
  endpoint_id: z.string(),
  environment,
  trigger,
  test: z.boolean(),
  replay_id: z.string().nullable(),
  status: deliveryStatus,
  attempt_count: count,
  max_attempts: z.int().nullable().meta({ description: 'null: the endpoint was deleted.' }),
  next_attempt_at: at.nullable(),
  last_status_code: z.int().nullable(),
  last_error_class: z.enum(ERROR_CLASSES).nullable(),
  workflow_id: z.string().nullable(),
  ordered: z.boolean(),
  ordering_key: z.string().nullable(),
  created_at: at,
  completed_at: at.nullable(),
};

const ms = z.number().nullable();
const attemptFields = {
  number: z.int(),
  trigger,
  started_at: at,
  duration_ms: z.number(),
  timing: z.object({ dns_ms: ms, connect_ms: ms, tls_ms: ms, first_byte_ms: ms, total_ms: z.number() }),
  status_code: z.int().nullable(),
  error: z.object({ class: z.enum(ERROR_CLASSES), message: z.string().nullable() }).nullable(),
  remark: z.string().nullable(),
  retry_after_seconds: z.number().nullable(),
};
const excerpt = z.string().nullable().meta({ description: 'The beginning of the answer. null: dropped.' });

export const attempt = answer(
  'Attempt',
  z.object({
    ...attemptFields,
    request: z.object({ method: z.string(), url: z.string(), headers: texts.nullable() }),
    response: z.object({
      headers: texts.nullable(),
      body: z.string().nullable(),
      body_bytes: count.nullable(),
      truncated: z.boolean(),
    }),
  }),
);
export const lastAttempt = answer('LastAttempt', z.object({ ...attemptFields, excerpt }));
export const listedAttempt = answer(
  'ListedAttempt',
  z.object({
    ...{ delivery_id: z.string(), endpoint_id: z.string(), event_id: z.string(), event_type: z.string() },
    ...attemptFields,
    excerpt,
  }),
);

export const delivery = answer(
  'DeliveryWithAttempts',
  z.object({ ...deliveryFields, request_body: z.string().nullable(), attempts: z.array(attempt) }),
);
export const listedDelivery = answer(
  'Delivery',
  z.object({ ...deliveryFields, last_attempt: lastAttempt.nullable().optional() }),
);
