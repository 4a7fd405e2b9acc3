import { z } from 'zod';
import { WHY_NOT } from '../../notify/why-not.ts';
import { NOTICE_KINDS, NOTICE_STATUSES } from '../../store/notices.ts';
import { allSchema, listSchema } from '../routes/notifications.ts';
import { answer, at, count, pageOf, call, type Operation } from './operation.ts';

const tag = 'Operators';

const notificationFields = {
  id: z.string(),
  kind: z.enum(NOTICE_KINDS),
  endpoint_id: z.string(),
  reason: z.string().nullable(),
  failing_since: at.nullable(),
  deliveries: count,
  delivery_ids: z.array(z.string()).meta({ description: 'The first ten.' }),
  last_status_code: z.int().nullable(),
  last_error: z.object({ class: z.string(), message: z.string().nullable() }).nullable(),
  created_at: at,
  last_at: at,
  status: z.enum(NOTICE_STATUSES),
  why_not: z.object({ code: z.enum(Object.keys(WHY_NOT)), message: z.string() }).nullable(),
  sent_at: at.nullable(),
  sent_to: z.array(z.string()),
  refused_by: z.array(z.string()),
  tries: count,
  next_try_at: at.nullable().meta({ description: 'Of one that is tried again.' }),
  last_problem: z.string().nullable(),
};
const notification = answer('Notification', z.object(notificationFields));
const notificationOfTenant = answer(
  'NotificationOfTenant',
  z.object({ tenant_id: z.string(), ...notificationFields }),
);

const readiness = answer(
  'Readiness',
  z.object({
    postgres: z.boolean(),
    temporal: z.boolean(),
    reasons: z.array(z.string()).optional().meta({ description: 'Why not, in words.' }),
  }),
);

export const operatorOperations: Operation[] = [
  {
    ...call('listNotifications', 'GET', '/v1/tenants/{tenant}/notifications', 'Notifications'),
    summary: 'What people were told, or why not',
    description: 'Newest first.',
    query: listSchema,
    answers: {
      200: { description: 'A page of notifications.', content: pageOf('NotificationPage', notification) },
    },
  },
  {
    ...call('listAllNotifications', 'GET', '/v1/notifications', 'Notifications'),
    summary: 'What people of any tenant were told, or why not',
    description: 'Newest first.',
    query: allSchema,
    answers: {
      200: {
        description: 'A page of notifications.',
        content: pageOf('AllNotificationPage', notificationOfTenant),
      },
    },
  },
  {
    ...call('listEgressIps', 'GET', '/v1/egress-ips', tag),
    summary: 'Where deliveries come from',
    description: 'For customers’ firewalls, as the operator has set it.',
    answers: {
      200: {
        description: 'Addresses and networks.',
        content: answer('EgressIps', z.object({ data: z.array(z.string()) })),
      },
    },
  },
  {
    ...call('getMetrics', 'GET', '/metrics', tag),
    summary: 'For Prometheus',
    answers: { 200: { description: 'All metrics of this process.', content: 'text/plain' } },
  },
  {
    ...call('getHealth', 'GET', '/healthz', tag),
    open: true,
    summary: 'The process lives',
    answers: {
      200: { description: 'It does.', content: answer('Health', z.object({ status: z.literal('ok') })) },
    },
  },
  {
    ...call('getReadiness', 'GET', '/readyz', tag),
    open: true,
    summary: 'Postgres and Temporal answer',
    description: 'At most a second old.',
    answers: {
      200: { description: 'Events can be accepted and retried.', content: readiness },
      503: { description: 'They cannot; why not is in `reasons`.', content: readiness },
    },
  },
  {
    ...call('getOpenApi', 'GET', '/openapi.json', tag),
    open: true,
    summary: 'This document',
    answers: {
      200: { description: 'OpenAPI 3.1.', content: answer('OpenApiDocument', z.looseObject({})) },
      304: { description: 'It is the one that `If-None-Match` names.' },
    },
  },
  {
    ...call('getDocs', 'GET', '/docs', tag),
    open: true,
    summary: 'This document, for people',
    answers: {
      200: { description: 'A page that loads nothing else.', content: 'text/html' },
      304: { description: 'It is the one that `If-None-Match` names.' },
    },
  },
];
