import { z } from 'zod';
import { INTERVALS } from '../../stats/range.ts';
import { failingSchema, volumesSchema } from '../routes/operations.ts';
import { answer, at, call, count, pageOf, type Operation } from './operation.ts';

const base = '/v1/operations';
const tag = 'Operators';
const seconds = z.number().min(0);

const operations = answer(
  'Operations',
  z.object({
    at,
    counted_to: count.meta({ description: 'Counts stop here: as much, or more.' }),
    temporal: z.object({ connected: z.boolean().meta({ description: 'The process that answers.' }) }),
    backlog: z.object({
      deliveries: count.meta({ description: 'Open, and carried by no workflow yet.' }),
      oldest_seconds: seconds,
      overdue_retries: count.meta({ description: 'Due over a minute ago.' }),
    }),
    lanes: z
      .object({ deliveries: count, oldest_seconds: seconds, lanes: count, overdue: count })
      .meta({ description: 'Of endpoints that are sent one after the other.' }),
    failing_endpoints: count,
    replays: z.object({ running: count, paused: count }),
    releases: count.meta({ description: 'Endpoints that let go of what was held for them.' }),
    notifications_waiting: count,
    workers: z.array(
      z.object({
        id: z.int(),
        role: z.string(),
        started_at: at,
        silent_seconds: seconds.meta({ description: 'Since its last heartbeat.' }),
      }),
    ),
  }),
);

const failing = answer(
  'FailingEndpoint',
  z.object({
    tenant_id: z.string(),
    endpoint_id: z.string(),
    name: z.string().nullable(),
    url: z.string().nullable(),
    failing_since: at,
    last_failure_at: at,
    last_status_code: z.int().nullable(),
    last_error: z.object({ class: z.string(), message: z.string().nullable() }).nullable(),
    is_warned: z.boolean().meta({ description: 'Its owner was told that it will be disabled.' }),
    next_step_at: at.nullable().meta({ description: 'When that is told, or done. null: never.' }),
  }),
);

const volumes = answer(
  'TenantVolumes',
  z.object({
    interval: z.enum(INTERVALS),
    since: at,
    is_complete: z.boolean().meta({ description: 'false: there were too many tenants to look at all.' }),
    data: z.array(
      z.object({ tenant_id: z.string(), name: z.string().nullable(), attempts: count, failed: count }),
    ),
  }),
);

const settings = answer(
  'Settings',
  z.object({
    process: z.object({ role: z.enum(['all', 'api', 'worker']), node: z.string(), started_at: at }),
    data: z.array(
      z.object({
        name: z.string(),
        value: z.string().nullable().meta({ description: 'null: none, or a secret.' }),
        is_set: z.boolean(),
        is_hidden: z.boolean().meta({ description: 'It is a secret, or parts of it are.' }),
      }),
    ),
  }),
);

export const operationsOperations: Operation[] = [
  {
    ...call('getOperations', 'GET', base, tag),
    summary: 'How the deployment does',
    description: 'Over all tenants; two seconds old at most.',
    answers: { 200: { description: 'What waits, and who works on it.', content: operations } },
  },
  {
    ...call('listFailingEndpoints', 'GET', `${base}/failing-endpoints`, tag),
    summary: 'Endpoints that fail',
    description: 'Of all tenants: those whose attempts have all failed since, the latest first.',
    query: failingSchema,
    answers: { 200: { description: 'A page of them.', content: pageOf('FailingEndpointPage', failing) } },
  },
  {
    ...call('listTenantVolumes', 'GET', `${base}/tenants`, tag),
    summary: 'Tenants by volume',
    description: 'In this hour or day (UTC) and the one before, a minute late; most attempts first.',
    query: volumesSchema,
    answers: { 200: { description: 'Those that attempted most.', content: volumes } },
  },
  {
    ...call('getSettings', 'GET', '/v1/settings', tag),
    summary: 'The settings as they are',
    description: 'Of the process that answers, without secrets.',
    answers: { 200: { description: 'All of them.', content: settings } },
  },
];
