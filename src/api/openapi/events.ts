import { z } from 'zod';
import { eventSchema } from '../../accept/event-input.ts';
import { batchSchema, listSchema } from '../routes/events.ts';
import { event, problem } from './answers.ts';
import { answer, pageOf, request, call, type Operation } from './operation.ts';

const all = '/v1/tenants/{tenant}/events';
const tag = 'Events';

const eventInput = request('EventInput', eventSchema);
const accepted = answer('AcceptedEvent', z.object({ id: z.string(), delivery_ids: z.array(z.string()) }));
const results = answer(
  'BatchResult',
  z.object({
    results: z
      .array(z.union([accepted, z.object({ error: problem })]))
      .meta({ description: 'One for each event, in order.' }),
  }),
);
/** Each event is judged by itself, so the schema that validates leaves them open. */
const batch = batchSchema.extend({
  events: batchSchema.shape.events.meta({ items: { $ref: '#/components/schemas/EventInput' } }),
});

export const eventOperations: Operation[] = [
  {
    ...call('publishEvent', 'POST', all, tag),
    repeatable: true,
    summary: 'Publish an event',
    body: eventInput,
    example: { id: 'order-7731', type: 'conversation.created', data: { order: 7731 } },
    answers: {
      200: { description: 'It had been accepted before, by its id or the key.', content: accepted },
      202: { description: 'The event and its deliveries are committed.', content: accepted },
    },
    problems: ['tenant_being_deleted'],
  },
  {
    ...call('publishBatch', 'POST', `${all}/batch`, tag),
    repeatable: true,
    summary: 'Publish up to 1000 events',
    description: '16 MiB in all. One that is refused keeps none of the others out.',
    body: request('BatchInput', batch),
    example: { events: [{ type: 'conversation.created', data: { order: 7733 } }] },
    answers: {
      200: { description: 'All that it holds had been accepted before.', content: results },
      202: { description: 'What became of each.', content: results },
    },
  },
  {
    ...call('listEvents', 'GET', all, tag),
    summary: 'List events',
    description: 'Newest first. `since` and `until` are about `created_at`.',
    query: listSchema,
    answers: { 200: { description: 'A page of events.', content: pageOf('EventPage', event) } },
  },
  {
    ...call('getEvent', 'GET', `${all}/{id}`, tag),
    summary: 'An event',
    answers: { 200: { description: 'The event with its data.', content: event } },
  },
];
