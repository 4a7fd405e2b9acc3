import type { Router } from 'express';
import { z } from 'zod';
import { parseTenant } from '../../accept/event-input.ts';
import { CAPABILITIES, SCOPES } from '../../access/credential.ts';
import { MAX_TOKEN_SECONDS } from '../../access/tokens.ts';
import { text } from '../../text-input.ts';
import { Problem } from '../../problem.ts';
import type { ApiContext } from '../context.ts';
import { decodeCursor, limit, page, param, readBody, readQuery, readTenant, time } from '../request.ts';
import { keyView } from '../views.ts';

const IN_THE_FUTURE = 'must be in the future';

export const keySchema = z
  .strictObject({
    name: text(200),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1, 'must name at least one scope')
      .max(SCOPES.length, `at most ${SCOPES.length} scopes`)
      .transform((scopes) => [...new Set(scopes)]),
    tenant_id: z.string().nullable().default(null),
    expires_at: time.nullable().default(null),
  })
  .superRefine(({ scopes, tenant_id: tenantId, expires_at: expiresAt }, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (tenantId !== null && scopes.includes('admin'))
      issue('scopes', '"admin" is for all tenants: leave "tenant_id" out, or choose other scopes');
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) issue('expires_at', IN_THE_FUTURE);
  });

export const keyChangeSchema = z
  .strictObject({ name: text(200).optional(), expires_at: time.nullable().optional() })
  .superRefine((change, context) => {
    if (Object.keys(change).length === 0)
      context.addIssue({ code: 'custom', path: ['expires_at'], message: 'give it, or "name", or both' });
    if (change.expires_at && change.expires_at.getTime() <= Date.now())
      context.addIssue({ code: 'custom', path: ['expires_at'], message: IN_THE_FUTURE });
  });

export const listSchema = z.strictObject({
  tenant_id: z.string().optional(),
  limit,
  cursor: z.string().optional(),
});

export const tokenSchema = z.strictObject({
  capability: z.enum(CAPABILITIES),
  expires_in: z
    .int('must be a whole number of seconds')
    .min(60, 'must be at least 60 seconds')
    .max(MAX_TOKEN_SECONDS, `must be at most ${MAX_TOKEN_SECONDS} seconds`)
    .default(3600),
  subject: text(200).nullable().default(null),
});

/** API keys, for admins; and the tokens that a platform's backend gets for its customers' browsers. */
export function keyRoutes(router: Router, { access: { keys, tokens } }: ApiContext): void {
  router.post('/v1/keys', async (request, response) => {
    const { name, scopes, tenant_id: tenant, expires_at: expiresAt } = readBody(request, keySchema);
    const tenantId = tenant === null ? null : parseTenant(tenant, 'tenant_id');
    const { key, text } = await keys.create({ name, scopes, tenantId, expiresAt });
    response.status(201).json({ ...keyView(key), key: text });
  });

  router.get('/v1/keys', async (request, response) => {
    const query = readQuery(request, listSchema);
    const before = decodeCursor(query.cursor, 'key');
    const rows = await keys.list({ tenantId: query.tenant_id ?? null, before, limit: query.limit + 1 });
    response.json(page(rows, query.limit, keyView, (key) => key.id));
  });

  router.get('/v1/keys/:id', async (request, response) => {
    const id = param(request, 'id');
    const key = await keys.find(id);
    if (!key) throw Problem.notFound('API key', id);
    response.json(keyView(key));
  });

  router.patch('/v1/keys/:id', async (request, response) => {
    const id = param(request, 'id');
    const { name, expires_at: expiresAt } = readBody(request, keyChangeSchema);
    const key = await keys.change(id, { name, expiresAt });
    if (!key) throw Problem.notFound('API key', id);
    response.json(keyView(key));
  });

  router.delete('/v1/keys/:id', async (request, response) => {
    const id = param(request, 'id');
    if (!(await keys.revoke(id))) throw Problem.notFound('API key', id);
    response.status(204).end();
  });

  router.post('/v1/tenants/:tenant/tokens', async (request, response) => {
    const tenantId = readTenant(request);
    const { capability, expires_in: expiresInSeconds, subject } = readBody(request, tokenSchema);
    const { token, id, expiresAt } = await tokens.issue({ tenantId, capability, expiresInSeconds, subject });
    response.status(201).json({ id, token, capability, tenant_id: tenantId, subject, expires_at: expiresAt });
  });

  router.delete('/v1/tenants/:tenant/tokens', async (request, response) => {
    await tokens.revokeAll(readTenant(request));
    response.status(204).end();
  });
}
