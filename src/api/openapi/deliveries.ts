import { z } from 'zod';
import { listSchema as attemptsQuery } from '../routes/attempts.ts';
import { listSchema, streamSchema } from '../delivery-page.ts';
import { deliveryStatus } from './answers.ts';
import { attempt, delivery, listedAttempt, listedDelivery } from './delivery-answers.ts';
import { answer, at, pageOf, call, type Operation } from './operation.ts';

const all = '/v1/tenants/{tenant}/deliveries';
const one = `${all}/{id}`;
const tag = 'Deliveries';

const ordered = answer(
  'OrderedDelivery',
  z.object({ id: z.string(), status: deliveryStatus, note: z.string().optional() }),
);

const history = answer(
  'DeliveryHistory',
  z.object({
    delivery_id: z.string(),
    status: deliveryStatus,
    next_attempt_at: at.nullable(),
    runs: z.array(
      z.object({
        workflow_id: z.string(),
        run_id: z.string(),
        status: z.string(),
        entries: z
          .array(z.looseObject({ event_id: z.int(), time: at.nullable(), type: z.string() }))
          .meta({ description: 'What else an entry has depends on its type.' }),
      }),
    ),
    note: z.string().optional().meta({ description: 'Why it is not all from Temporal.' }),
    attempts: z.array(attempt).optional().meta({ description: 'From the log, where Temporal has none.' }),
  }),
);

export const deliveryOperations: Operation[] = [
  {
    ...call('listDeliveries', 'GET', all, tag),
    summary: 'List deliveries',
    description: 'Newest first. `since` and `until` are about `created_at`.',
    query: listSchema,
    answers: {
      200: { description: 'A page of deliveries.', content: pageOf('DeliveryPage', listedDelivery) },
    },
  },
  {
    ...call('streamDeliveries', 'GET', `${all}/stream`, tag),
    summary: 'Deliveries as they come and change',
    description:
      'Server-sent events named `deliveries`: `data` has what is new or different in the first page of that list, all of it at first, and `gone` the ids of those that do not fit any more. At most 20 of a tenant at a time.',
    query: streamSchema,
    answers: { 200: { description: 'Until it is hung up.', content: 'text/event-stream' } },
    problems: ['too_many_requests'],
  },
  {
    ...call('getDelivery', 'GET', one, tag),
    summary: 'A delivery with its attempts',
    answers: { 200: { description: 'The delivery.', content: delivery } },
  },
  {
    ...call('getDeliveryHistory', 'GET', `${one}/history`, tag),
    summary: 'The story of a delivery, from Temporal',
    answers: { 200: { description: 'Every run that carried it.', content: history } },
  },
  {
    ...call('retryDelivery', 'POST', `${one}/retry`, tag),
    summary: 'Make an attempt now',
    description: 'On top of the schedule, whatever the status.',
    answers: { 202: { description: 'It is about to be made.', content: ordered } },
    problems: ['endpoint_disabled', 'endpoint_deleted', 'payload_dropped'],
  },
  {
    ...call('cancelDelivery', 'POST', `${one}/cancel`, tag),
    summary: 'Cancel a delivery',
    description: 'An attempt under way is finished; if it succeeds, so has the delivery.',
    answers: { 202: { description: 'It is cancelled.', content: ordered } },
    problems: ['delivery_ended'],
  },
  {
    ...call('listAttempts', 'GET', '/v1/tenants/{tenant}/attempts', tag),
    summary: 'List attempts of an endpoint',
    description: 'Those that began last first; also of an endpoint that was deleted.',
    query: attemptsQuery,
    answers: { 200: { description: 'A page of attempts.', content: pageOf('AttemptPage', listedAttempt) } },
  },
];
