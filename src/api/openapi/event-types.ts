import { z } from 'zod';
import { eventTypeSchema, importSchema } from '../../catalogue/input.ts';
import { listSchema, oneSchema } from '../routes/event-types.ts';
import { warnings } from './answers.ts';
import { answer, at, count, pageOf, request, call, type Operation } from './operation.ts';

const all = '/v1/event-types';
const one = `${all}/{name}`;
const tag = 'Event types';

const eventType = answer(
  'EventType',
  z.object({
    name: z.string(),
    profile: z.string().nullable().meta({ description: 'With which it comes; null: it is your own.' }),
    profiles: z.array(z.string()).meta({ description: 'All that know the name.' }),
    description: z.string().nullable(),
    group: z.string().nullable(),
    schema: z.looseObject({}).nullable(),
    example: z.looseObject({}).nullable(),
    example_is_generated: z.boolean(),
    validate: z.boolean(),
    archived: z.boolean(),
    deprecated: z.boolean(),
    created_at: at.nullable(),
    updated_at: at.nullable(),
    tenant: z.string().optional().meta({ description: 'The only one that gets it: Posthorn’s own news.' }),
  }),
);
const written = answer('WrittenEventType', eventType.extend({ warnings }));
const imported = answer(
  'ImportedEventTypes',
  z.object({
    dry_run: z.boolean(),
    created: count,
    updated: count,
    unchanged: count,
    types: z.array(
      z.object({
        name: z.string(),
        change: z.enum(['created', 'updated', 'unchanged']),
        fields: z.array(z.string()).meta({ description: 'What differs in one that is updated.' }),
      }),
    ),
  }),
);

export const eventTypeOperations: Operation[] = [
  {
    ...call('listEventTypes', 'GET', all, tag),
    summary: 'List event types',
    description: 'By name: your own, and those that come with profiles.',
    query: listSchema,
    answers: { 200: { description: 'A page of event types.', content: pageOf('EventTypePage', eventType) } },
  },
  {
    ...call('getEventType', 'GET', one, tag),
    summary: 'An event type',
    query: oneSchema,
    answers: { 200: { description: 'The event type.', content: eventType } },
  },
  {
    ...call('putEventType', 'PUT', one, tag),
    summary: 'Describe an event type',
    description: 'Replaces all of it.',
    body: request('EventTypeInput', eventTypeSchema),
    bodyOptional: true,
    example: {
      ...{ description: 'An order has been paid.', group: 'orders', validate: true },
      schema: { type: 'object', required: ['order'], properties: { order: { type: 'integer' } } },
    },
    answers: {
      200: { description: 'It was there before.', content: written },
      201: { description: 'It is new.', content: written },
    },
  },
  {
    ...call('deleteEventType', 'DELETE', one, tag),
    summary: 'Delete an event type',
    description: 'Of your own. What subscribes to it stays.',
    answers: { 204: { description: 'It is gone.' } },
  },
  {
    ...call('importEventTypes', 'POST', `${all}/import`, tag),
    summary: 'Import event types from an OpenAPI document',
    description: 'One of each entry of its `webhooks`; all of them or none. Up to 4 MiB.',
    body: request('ImportInput', importSchema),
    example: {
      dry_run: true,
      document: {
        ...{ openapi: '3.1.0', info: { title: 'Shop', version: '1' } },
        webhooks: { 'order.shipped': { post: { summary: 'On its way.' } } },
      },
    },
    answers: { 200: { description: 'What became of each.', content: imported } },
  },
];
