import { z } from 'zod';
import { SCOPES } from '../../access/credential.ts';
import { ENVIRONMENTS } from '../../events/environments.ts';
import { countsSchema } from '../routes/me.ts';
import { answer, at, call, count, type Operation } from './operation.ts';

const me = answer(
  'Me',
  z.object({
    kind: z.enum(['root', 'key', 'token']),
    id: z.string().nullable(),
    name: z.string().nullable(),
    scopes: z.array(z.enum(SCOPES)),
    tenant_id: z.string().nullable().meta({ description: 'The only tenant it is good for; null: all.' }),
    environment: z.enum(['development', 'production']),
    allows_unverified_tls: z.boolean(),
    temporal_ui: z.string().nullable(),
  }),
);

const profiles = answer(
  'Profiles',
  z.object({
    data: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        methods: z.array(z.enum(['POST', 'PUT'])),
        timeout_seconds: z.number(),
        max_retries: count,
        retry_schedule_seconds: z.array(z.number()),
        exponential_seconds: z.array(z.number()).meta({ description: 'What "exponential" stands for.' }),
        jitter: z.number(),
        signature: z.object({
          scheme: z.enum(['standard', 'hex-body', 'base64-body', 'timestamped-hex']),
          prefix: z.string().optional(),
        }),
        headers: z.object({
          eventId: z.string().optional(),
          deliveryId: z.string().optional(),
          timestamp: z.string().optional(),
          eventType: z.string().optional(),
          signature: z.string(),
          previousSignature: z.string().optional(),
        }),
        secret_format: z.enum(['hex', 'whsec']),
        secret_optional: z.boolean(),
      }),
    ),
  }),
);

const eventCounts = answer(
  'EventCounts',
  z.object({
    since: at,
    is_complete: z.boolean().meta({ description: 'false: only the newest 20,000 were counted.' }),
    data: z.array(
      z.object({
        type: z.string(),
        environment: z.enum(ENVIRONMENTS),
        events: count,
        last_event_id: z.string().nullable(),
      }),
    ),
  }),
);

export const meOperations: Operation[] = [
  {
    ...call('getMe', 'GET', '/v1/me', 'Access'),
    summary: 'Who asks, and what they may do',
    answers: { 200: { description: 'The key or token of this request.', content: me } },
  },
  {
    ...call('listProfiles', 'GET', '/v1/profiles', 'Endpoints'),
    summary: 'The profiles that endpoints may have',
    answers: { 200: { description: 'All of them.', content: profiles } },
  },
  {
    ...call('countEventTypes', 'GET', '/v1/tenants/{tenant}/event-counts', 'Events'),
    summary: 'How many events of which type',
    description: 'Since `since`, by default of the last seven days; the newest 20,000 are counted.',
    query: countsSchema,
    answers: { 200: { description: 'By type and environment, most frequent first.', content: eventCounts } },
  },
];
