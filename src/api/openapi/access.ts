import { z } from 'zod';
import { CAPABILITIES } from '../../access/credential.ts';
import { AUDIT_ACTIONS } from '../../store/audit.ts';
import { listSchema as auditQuery } from '../routes/audit.ts';
import { keyChangeSchema, keySchema, listSchema, tokenSchema } from '../routes/keys.ts';
import { apiKey, newApiKey } from './answers.ts';
import { answer, at, pageOf, request, call, type Operation } from './operation.ts';

const keys = '/v1/keys';
const tokens = '/v1/tenants/{tenant}/tokens';
const tag = 'Access';

const token = answer(
  'Token',
  z.object({
    id: z.string(),
    token: z.string().meta({ description: 'Shown this once.' }),
    capability: z.enum(CAPABILITIES),
    tenant_id: z.string(),
    subject: z.string().nullable(),
    expires_at: at,
  }),
);

const changes = z.looseObject({}).nullable();
const audit = pageOf(
  'AuditPage',
  answer(
    'AuditEntry',
    z.object({
      id: z.string(),
      created_at: at,
      actor: z.object({
        kind: z.enum(['root', 'key', 'token', 'system']),
        id: z.string().nullable(),
        name: z.string().nullable(),
      }),
      action: z.enum(AUDIT_ACTIONS),
      subject_id: z.string(),
      before: changes,
      after: changes,
      sealed: z.array(z.string()).meta({ description: 'Secret fields that are others now.' }),
    }),
  ),
);
const entries = { 200: { description: 'A page of the log, newest first.', content: audit } };

export const accessOperations: Operation[] = [
  {
    ...call('createKey', 'POST', keys, tag),
    summary: 'Make an API key',
    body: request('KeyInput', keySchema),
    example: { name: 'billing backend', scopes: ['publish'], tenant_id: 'acme' },
    answers: { 201: { description: 'With the key itself, shown this once.', content: newApiKey } },
    problems: ['tenant_being_deleted'],
  },
  {
    ...call('listKeys', 'GET', keys, tag),
    summary: 'List API keys',
    query: listSchema,
    answers: { 200: { description: 'A page of keys.', content: pageOf('ApiKeyPage', apiKey) } },
  },
  {
    ...call('getKey', 'GET', `${keys}/{id}`, tag),
    summary: 'An API key',
    answers: { 200: { description: 'What is known of it; not the key.', content: apiKey } },
  },
  {
    ...call('changeKey', 'PATCH', `${keys}/{id}`, tag),
    summary: 'Rename an API key, or let it end',
    description:
      'What is left out stays. With `expires_at` a key ends then, so that another can take its place without a gap; null: it never does.',
    body: request('KeyChange', keyChangeSchema),
    example: { expires_at: '2099-01-01T00:00:00Z' },
    answers: { 200: { description: 'As it is now.', content: apiKey } },
  },
  {
    ...call('revokeKey', 'DELETE', `${keys}/{id}`, tag),
    summary: 'Revoke an API key',
    answers: { 204: { description: 'It is refused from now on.' } },
  },
  {
    ...call('createToken', 'POST', tokens, tag),
    summary: 'A token for a page in a customer’s browser',
    body: request('TokenInput', tokenSchema),
    example: { capability: 'manage', expires_in: 900, subject: 'ada@acme.example' },
    answers: { 201: { description: 'The token.', content: token } },
    problems: ['tenant_being_deleted'],
  },
  {
    ...call('revokeTokens', 'DELETE', tokens, tag),
    summary: 'End all tokens of a tenant',
    answers: { 204: { description: 'They are refused from now on.' } },
  },
  {
    ...call('listTenantAudit', 'GET', '/v1/tenants/{tenant}/audit', tag),
    summary: 'Who changed what of a tenant',
    query: auditQuery,
    answers: entries,
  },
  {
    ...call('listAudit', 'GET', '/v1/audit', tag),
    summary: 'Who changed what belongs to no tenant',
    query: auditQuery,
    answers: entries,
  },
];
