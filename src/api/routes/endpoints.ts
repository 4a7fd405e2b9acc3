import type { Request, Router } from 'express';
import { z } from 'zod';
import { parseEventInput } from '../../accept/event-input.ts';
import type { Endpoint, EndpointDetails } from '../../domain.ts';
import { createEndpointSchema, patchEndpointSchema, rotateSchema } from '../../endpoints/input.ts';
import { Problem } from '../../problem.ts';
import { lastEndpointAttempts } from '../../store/last-endpoint-attempts.ts';
import { heldOf, type Held } from '../../store/releases.ts';
import { credentialOf } from '../auth.ts';
import type { ApiContext } from '../context.ts';
import {
  decodeCursor,
  limit,
  page,
  param,
  perSecond,
  readBody,
  readIdempotencyKey,
  readIfMatch,
  readQuery,
  readTenant,
} from '../request.ts';
import { templateSchema } from '../../templates/template.ts';
import { previewOf } from '../preview.ts';
import { endpointView, lastAttemptView } from '../views.ts';

export const listSchema = z.strictObject({
  include: z.enum(['last_attempt'], { error: 'must be last_attempt' }).optional(),
  limit,
  cursor: z.string().optional(),
});
export const previewSchema = z.strictObject({
  type: z.string().optional(),
  data: z.unknown().optional().meta({ type: 'object' }),
  template: templateSchema.nullable().optional(),
});
export const enableSchema = z.strictObject({
  held: z.enum(['deliver', 'discard']).default('deliver'),
  per_second: perSecond.optional(),
});
/** How far what an endpoint holds is counted: a list shows up to 200 of them. */
const HELD_COUNTED = 100_000;
const HELD_COUNTED_IN_LISTS = 1_000;

export function endpointRoutes(router: Router, context: ApiContext): void {
  const { pool, listPool, endpointStore, changes, catalogue, templateCheck } = context;
  const base = '/v1/tenants/:tenant/endpoints';

  async function find(request: Request): Promise<EndpointDetails> {
    const tenantId = readTenant(request);
    const id = param(request, 'id');
    const endpoint = await endpointStore.find(tenantId, id);
    if (!endpoint) throw Problem.notFound('endpoint', id);
    return endpoint;
  }

  /** Of those that may hold something; of others it is nothing. */
  async function heldBy(endpoints: EndpointDetails[], counted: number): Promise<Map<string, Held>> {
    const holding = endpoints.filter(({ enabled, release }) => !enabled || release !== null);
    const ids = holding.map(({ id }) => id);
    return ids.length === 0 ? new Map() : heldOf(pool, holding[0]!.tenantId, ids, counted);
  }

  const show = async (endpoint: EndpointDetails) =>
    endpointView(endpoint, (await heldBy([endpoint], HELD_COUNTED)).get(endpoint.id));

  /** What is odd about what was said, and was taken all the same. */
  async function remarksOn(endpoint: EndpointDetails, said: Pick<Endpoint, 'events' | 'template'>) {
    const remark = said.template && (await templateCheck.check(endpoint, said.template));
    const ofTemplate = remark ? [{ path: 'template', message: remark }] : [];
    return [...(await catalogue.remarksOn(said.events)), ...ofTemplate];
  }

  router.post(base, async (request, response) => {
    const tenantId = readTenant(request);
    const key = readIdempotencyKey(request);
    const settings = readBody(request, createEndpointSchema);
    const { endpoint, secret, created } = await changes.create(tenantId, settings, key);
    // A page in a browser sees a secret once, when it is made.
    const shown = created || credentialOf(response).kind !== 'token' ? { secret } : {};
    const warnings = await remarksOn(endpoint, endpoint);
    response.status(created ? 201 : 200).json({ ...endpointView(endpoint), ...shown, warnings });
  });

  router.get(base, async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const after = decodeCursor(query.cursor, 'ep');
    const rows = await endpointStore.list(tenantId, query.limit + 1, after);
    const held = await heldBy(rows, HELD_COUNTED_IN_LISTS);
    const ids = rows.map(({ id }) => id);
    const lastOf = query.include && (await lastEndpointAttempts(listPool, tenantId, ids));
    const view = (endpoint: EndpointDetails) => {
      const last = lastOf?.get(endpoint.id);
      return {
        ...endpointView(endpoint, held.get(endpoint.id)),
        ...(lastOf ? { last_attempt: last ? lastAttemptView(last) : null } : {}),
      };
    };
    response.json(page(rows, query.limit, view, (endpoint) => endpoint.id));
  });

  router.get(`${base}/:id`, async (request, response) => {
    response.json(await show(await find(request)));
  });

  router.patch(`${base}/:id`, async (request, response) => {
    refuseFixedFields(request.body);
    const settings = readBody(request, patchEndpointSchema);
    const asOf = readIfMatch(request);
    const changed = await changes.change(readTenant(request), param(request, 'id'), settings, asOf);
    const { events = [], template } = settings;
    const warnings = await remarksOn(changed, { events, template: template ?? null });
    response.json({ ...(await show(changed)), warnings });
  });

  router.delete(`${base}/:id`, async (request, response) => {
    await changes.remove(readTenant(request), param(request, 'id'));
    response.status(204).end();
  });

  router.post(`${base}/:id/enable`, async (request, response) => {
    if (request.body === undefined) request.body = {};
    const { held, per_second: perSecond = null } = readBody(request, enableSchema);
    if (held === 'discard' && perSecond !== null)
      throw Problem.field('per_second', 'goes with held "deliver": what is discarded is gone at once');
    const how = held === 'discard' ? { held } : { held, perSecond };
    response.json(await show(await changes.enable(readTenant(request), param(request, 'id'), how)));
  });

  router.post(`${base}/:id/disable`, async (request, response) => {
    response.json(await show(await changes.disable(readTenant(request), param(request, 'id'), 'manual')));
  });

  router.post(`${base}/:id/secret/rotate`, async (request, response) => {
    if (request.body === undefined) request.body = {};
    const { secret, grace_seconds: graceSeconds, primary } = readBody(request, rotateSchema);
    const rotated = await changes.rotateSecret(readTenant(request), param(request, 'id'), {
      ...(secret === undefined ? {} : { secret }),
      graceSeconds,
      primary,
    });
    response.json({
      secret: rotated.secret,
      public_key: rotated.publicKey,
      previous_valid_until: rotated.previousValidUntil,
      primary,
    });
  });

  router.post(`${base}/:id/secret/end-previous`, async (request, response) => {
    response.json(await show(await changes.endPreviousSecrets(readTenant(request), param(request, 'id'))));
  });

  router.post(`${base}/:id/preview`, async (request, response) => {
    const endpoint = await find(request);
    if (request.body === undefined) request.body = {};
    const { type, data, template } = readBody(request, previewSchema);
    const input = parseEventInput(await catalogue.testEvent(endpoint, type, data), '');
    const wanted = template === undefined ? endpoint : { ...endpoint, template };
    response.json(await previewOf(context, wanted, input));
  });
}

function refuseFixedFields(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  if ('profile' in body)
    throw Problem.field('profile', 'cannot change: make another endpoint with that profile');
  if ('secret' in body)
    throw Problem.field(
      'secret',
      'changes with POST …/secret/rotate, which keeps the old one valid for a while',
    );
}
