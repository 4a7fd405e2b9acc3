import { listSchema, tenantSchema } from '../routes/tenants.ts';
import { tenant } from './answers.ts';
import { pageOf, request, call, type Operation } from './operation.ts';

const path = '/v1/tenants/{tenant}';

export const tenantOperations: Operation[] = [
  {
    ...call('listTenants', 'GET', '/v1/tenants', 'Tenants'),
    summary: 'List tenants',
    description: 'By their ids. `search` finds those with that text in the id or the name.',
    query: listSchema,
    answers: { 200: { description: 'A page of tenants.', content: pageOf('TenantPage', tenant) } },
  },
  {
    ...call('getTenant', 'GET', path, 'Tenants'),
    summary: 'A tenant',
    answers: { 200: { description: 'The tenant.', content: tenant } },
  },
  {
    ...call('putTenant', 'PUT', path, 'Tenants'),
    summary: 'Name a tenant',
    description: 'Replaces name, metadata and addresses; what is left out is emptied.',
    body: request('TenantInput', tenantSchema),
    bodyOptional: true,
    example: { name: 'Acme', metadata: { plan: 'gold' }, notify_emails: ['ops@acme.example'] },
    answers: { 200: { description: 'The tenant.', content: tenant } },
    problems: ['tenant_being_deleted'],
  },
  {
    ...call('deleteTenant', 'DELETE', path, 'Tenants'),
    summary: 'Delete a tenant',
    description:
      'Its endpoints and secrets are gone when this answers; a workflow deletes the rest. May be repeated.',
    answers: { 202: { description: 'The tenant, on its way out.', content: tenant } },
  },
];
