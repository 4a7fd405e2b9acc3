import { z } from 'zod';
import { createEndpointSchema, patchEndpointSchema, rotateSchema } from '../../endpoints/input.ts';
import { enableSchema, listSchema, previewSchema } from '../routes/endpoints.ts';
import { secretTestSchema, testSchema, trySchema } from '../routes/tests.ts';
import { endpoint, warnings } from './answers.ts';
import { attempt, lastAttempt } from './delivery-answers.ts';
import { answer, at, pageOf, request, call, type Operation } from './operation.ts';

const all = '/v1/tenants/{tenant}/endpoints';
const one = `${all}/{id}`;
const tag = 'Endpoints';

const created = answer(
  'CreatedEndpoint',
  endpoint.extend({
    secret: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'Shown this once. null: it is unsigned, or the secret has been replaced since.' }),
    warnings,
  }),
);
const listed = answer('ListedEndpoint', endpoint.extend({ last_attempt: lastAttempt.nullable().optional() }));
const changed = answer('ChangedEndpoint', endpoint.extend({ warnings }));
const verdict = z.string().meta({ description: 'A sentence for whoever set the endpoint up.' });
const shown = { 200: { description: 'The endpoint.', content: endpoint } };
const ids = { event_id: z.string(), delivery_id: z.string() };

const preview = answer(
  'Preview',
  z.object({ method: z.string(), headers: z.record(z.string(), z.string()), body: z.string() }),
);
const trial = answer('TrialResult', z.object({ verdict, attempt }));
const secretTrial = answer(
  'SecretTestResult',
  z.object({
    verdict,
    refused: z
      .boolean()
      .nullable()
      .optional()
      .meta({ description: 'With `flaw`: whether it was (4xx). null: it failed in another way.' }),
    attempt,
  }),
);
const unsaved = request('TryInput', trySchema);

export const endpointOperations: Operation[] = [
  {
    ...call('createEndpoint', 'POST', all, tag),
    repeatable: true,
    summary: 'Make an endpoint',
    body: request('EndpointInput', createEndpointSchema),
    example: {
      ...{ url: 'https://hooks.example.com/crm', name: 'CRM', profile: 'standard' },
      ...{ events: ['conversation.*', 'message.received'], headers: { 'X-Team': 'crm' }, max_retries: 3 },
    },
    answers: {
      200: { description: 'The endpoint that an earlier request with this key made.', content: created },
      201: { description: 'The new endpoint, with its secret.', content: created },
    },
    problems: ['tenant_being_deleted'],
  },
  {
    ...call('listEndpoints', 'GET', all, tag),
    summary: 'List endpoints',
    description: 'Oldest first.',
    query: listSchema,
    answers: { 200: { description: 'A page of endpoints.', content: pageOf('EndpointPage', listed) } },
  },
  {
    ...call('getEndpoint', 'GET', one, tag),
    summary: 'An endpoint',
    answers: shown,
  },
  {
    ...call('changeEndpoint', 'PATCH', one, tag),
    conditional: true,
    summary: 'Change an endpoint',
    description: 'What is left out stays as it is; null goes back to the default of the profile.',
    body: request('EndpointPatch', patchEndpointSchema),
    bodyOptional: true,
    example: { events: ['*'], timeout_seconds: 10 },
    answers: { 200: { description: 'The endpoint as it is now.', content: changed } },
  },
  {
    ...call('deleteEndpoint', 'DELETE', one, tag),
    summary: 'Delete an endpoint',
    description: 'What was still open becomes cancelled; the log stays.',
    answers: { 204: { description: 'It is gone.' } },
  },
  {
    ...call('enableEndpoint', 'POST', `${one}/enable`, tag),
    summary: 'Enable an endpoint',
    description: 'Releases what was held: at once, at a rate, or not at all.',
    body: request('EnableInput', enableSchema),
    bodyOptional: true,
    example: { per_second: 50 },
    answers: shown,
  },
  {
    ...call('disableEndpoint', 'POST', `${one}/disable`, tag),
    summary: 'Disable an endpoint',
    description: 'What is for it is held from now on.',
    answers: shown,
  },
  {
    ...call('rotateSecret', 'POST', `${one}/secret/rotate`, tag),
    summary: 'Give an endpoint another secret',
    body: request('RotateInput', rotateSchema),
    bodyOptional: true,
    example: { grace_seconds: 3600 },
    answers: {
      200: {
        description: 'The new secret, shown this once.',
        content: answer(
          'RotatedSecret',
          z.object({
            secret: z.string().nullable(),
            public_key: z.string().nullable(),
            previous_valid_until: at.nullable(),
            primary: z.enum(['new', 'previous']),
          }),
        ),
      },
    },
  },
  {
    ...call('endPreviousSecrets', 'POST', `${one}/secret/end-previous`, tag),
    summary: 'End the grace of earlier secrets',
    description: 'The current secret alone signs from now on.',
    answers: shown,
  },
  {
    ...call('previewRequest', 'POST', `${one}/preview`, tag),
    summary: 'What would be sent',
    description: 'Nothing is sent or stored.',
    body: request('PreviewInput', previewSchema),
    bodyOptional: true,
    example: { type: 'message.received', data: { text: 'hi' } },
    answers: {
      200: {
        description: 'The request that an attempt would make.',
        content: preview,
      },
    },
  },
  {
    ...call('testEndpoint', 'POST', `${one}/test`, tag),
    summary: 'Send a test event',
    body: request('TestInput', testSchema),
    bodyOptional: true,
    example: { type: 'message.received', data: { text: 'hi' } },
    answers: {
      200: {
        description: 'With `wait`: the first attempt has been made.',
        content: answer('TestResult', z.object({ ...ids, verdict, attempt })),
      },
      202: {
        description: 'The delivery is on its way; with `wait`, no attempt was made in time.',
        content: answer(
          'TestAccepted',
          z.object({ ...ids, verdict: verdict.optional(), attempt: z.null().optional() }),
        ),
      },
    },
    problems: ['endpoint_disabled', 'payload_too_large', 'tenant_being_deleted'],
  },
  {
    ...call('tryEndpoint', 'POST', `${all}/try`, tag),
    summary: 'Try an endpoint before it is made',
    description: 'One attempt. Nothing is stored, and nothing is tried again.',
    body: unsaved,
    example: { url: 'https://hooks.example.com/crm', type: 'message.created', data: { text: 'hi' } },
    answers: {
      200: {
        description: 'What came of it.',
        content: trial,
      },
    },
  },
  {
    ...call('testSecret', 'POST', `${one}/secret/test`, tag),
    summary: 'Try whether the receiver knows the new secret',
    description:
      'One attempt, signed with the current secret alone, also in grace. Nothing is stored. With `flaw`, one that the receiver must refuse: signed by nobody it knows, or an hour ago.',
    body: request('SecretTestInput', secretTestSchema),
    bodyOptional: true,
    example: { flaw: 'signature' },
    answers: { 200: { description: 'What came of it.', content: secretTrial } },
  },
  {
    ...call('previewUnsavedEndpoint', 'POST', `${all}/preview`, tag),
    summary: 'What an endpoint that is not made yet would be sent',
    description:
      'Nothing is sent or stored. The signature is that of the `secret` given, or of one that is made up.',
    body: unsaved,
    example: { url: 'https://hooks.example.com/crm', template: { preset: 'slack' } },
    answers: { 200: { description: 'The request.', content: preview } },
  },
];
