import type { Router } from 'express';
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import type { ApiContext } from '../context.ts';
import { emails, metadata } from '../../endpoints/input.ts';
import { text } from '../../text-input.ts';
import { decodePosition, encodeCursor, limit, readBody, readQuery, readTenant } from '../request.ts';
import { listTenants } from '../../store/list-tenants.ts';
import { tenantView } from '../views.ts';

export const tenantSchema = z.strictObject({
  name: text(200).nullable().default(null),
  metadata: metadata.default({}),
  notify_emails: emails.default([]),
});

export const listSchema = z.strictObject({
  search: text(200).optional(),
  limit,
  cursor: z.string().optional(),
});

/** Ids of tenants are callers' own. */
const POSITION = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

export function tenantRoutes(router: Router, { tenants, deleteTenant, listPool }: ApiContext): void {
  router.get('/v1/tenants', async (request, response) => {
    const { search, limit: size, cursor } = readQuery(request, listSchema);
    const before = decodePosition(cursor, POSITION);
    const { rows, end } = await listTenants(listPool, { search, before, limit: size });
    response.json({ data: rows.map(tenantView), next_cursor: end === null ? null : encodeCursor(end) });
  });

  router.get('/v1/tenants/:tenant', async (request, response) => {
    const id = readTenant(request);
    const tenant = await tenants.find(id);
    if (!tenant) throw Problem.notFound('tenant', id);
    response.json(tenantView(tenant));
  });

  router.put('/v1/tenants/:tenant', async (request, response) => {
    const id = readTenant(request);
    const { name, metadata, notify_emails: notifyEmails } = readBody(request, tenantSchema);
    response.json(tenantView(await tenants.put(id, { name, metadata, notifyEmails })));
  });

  router.delete('/v1/tenants/:tenant', async (request, response) => {
    const id = readTenant(request);
    const tenant = await deleteTenant(id);
    if (!tenant) throw Problem.notFound('tenant', id);
    response.status(202).json(tenantView(tenant));
  });
}
