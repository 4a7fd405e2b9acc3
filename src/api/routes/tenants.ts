import type { Router } from 'express';
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import type { ApiContext } from '../context.ts';
import { text } from '../endpoint-input.ts';
import { readBody, readTenant } from '../request.ts';
import { tenantView } from '../views.ts';

const tenantSchema = z.strictObject({
  name: text(200).nullable().default(null),
  metadata: z.record(z.string().max(100), z.string().max(1000)).default({}),
});

export function tenantRoutes(router: Router, { tenants }: ApiContext): void {
  router.get('/v1/tenants/:tenant', async (request, response) => {
    const id = readTenant(request);
    const tenant = await tenants.find(id);
    if (!tenant) throw Problem.notFound('tenant', id);
    response.json(tenantView(tenant));
  });

  router.put('/v1/tenants/:tenant', async (request, response) => {
    const id = readTenant(request);
    const { name, metadata } = readBody(request, tenantSchema);
    response.json(tenantView(await tenants.put(id, name, metadata)));
  });
}
