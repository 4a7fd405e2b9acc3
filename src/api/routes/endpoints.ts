import type { Request, Router } from 'express';
import { z } from 'zod';
import { parseEventInput } from '../../accept/event-input.ts';
import type { Endpoint } from '../../domain.ts';
import { matchesAny } from '../../events/pattern.ts';
import { newId } from '../../ids.ts';
import { Problem } from '../../problem.ts';
import { generateSecret } from '../../signing/secret.ts';
import { releaseHeld } from '../../store/delivery-state.ts';
import { sealedColumns, type EndpointColumns } from '../../store/endpoints.ts';
import { CHANNELS } from '../../store/listener.ts';
import type { ApiContext } from '../context.ts';
import { createEndpointSchema, patchEndpointSchema, rotateSchema } from '../endpoint-input.ts';
import { checkEndpoint, columnsOf, profileOf, secretFor } from '../endpoint-rules.ts';
import { decodeCursor, limit, page, param, readBody, readQuery, readTenant } from '../request.ts';
import { endpointView } from '../views.ts';

const listSchema = z.strictObject({ limit, cursor: z.string().optional() });
const testSchema = z.strictObject({ type: z.string().optional(), data: z.unknown().optional() });

export function endpointRoutes(router: Router, context: ApiContext): void {
  const { endpointStore, endpoints, profiles, guard, seal, pool, acceptor, tenants } = context;
  const base = '/v1/tenants/:tenant/endpoints';

  async function find(request: Request): Promise<Endpoint> {
    const tenantId = readTenant(request);
    const id = param(request, 'id');
    const endpoint = await endpointStore.find(tenantId, id);
    if (!endpoint) throw Problem.notFound('endpoint', id);
    return endpoint;
  }

  async function change(endpoint: Endpoint, columns: EndpointColumns): Promise<Endpoint> {
    const changed = await endpointStore.update(endpoint.tenantId, endpoint.id, columns);
    endpoints.drop(endpoint.tenantId);
    if (!changed) throw Problem.notFound('endpoint', endpoint.id);
    if (!endpoint.enabled && changed.enabled) await release(changed);
    return changed;
  }

  /** What came while it was paused is delivered now, oldest first. */
  async function release(endpoint: Endpoint): Promise<void> {
    const released = await releaseHeld(pool, endpoint.id);
    if (released > 0) await pool.query({ text: `SELECT pg_notify($1, '')`, values: [CHANNELS.waiting] });
  }

  router.post(base, async (request, response) => {
    const tenantId = readTenant(request);
    const settings = readBody(request, createEndpointSchema);
    const profile = profileOf(profiles, settings.profile);
    await checkEndpoint(settings, profile, guard);
    await tenants.ensure(tenantId);
    const secret = secretFor(settings, profile);
    const endpoint = await endpointStore.insert(tenantId, newId('ep'), {
      profile: profile.name,
      events: ['*'],
      environments: ['production'],
      method: profile.methods[0],
      ...columnsOf({ headers: {}, ...settings }, seal),
      ...sealedColumns(seal, { secret }),
    });
    endpoints.drop(tenantId);
    response.status(201).json({ ...endpointView(endpoint), secret });
  });

  router.get(base, async (request, response) => {
    const tenantId = readTenant(request);
    const query = readQuery(request, listSchema);
    const after = decodeCursor(query.cursor, 1);
    const rows = await endpointStore.list(tenantId, query.limit + 1, after?.[0] ?? null);
    response.json(page(rows, query.limit, endpointView, (endpoint) => [endpoint.id]));
  });

  router.get(`${base}/:id`, async (request, response) => {
    response.json(endpointView(await find(request)));
  });

  router.patch(`${base}/:id`, async (request, response) => {
    const endpoint = await find(request);
    refuseFixedFields(request.body);
    const settings = readBody(request, patchEndpointSchema);
    const merged = {
      retry_interval: endpoint.retrySettings.retryInterval,
      allowed_ips: endpoint.allowedIps,
      ...(settings.allowed_ips ? { url: endpoint.url } : {}),
      ...settings,
    };
    await checkEndpoint(merged, profileOf(profiles, endpoint.profile), guard);
    const columns = columnsOf(settings, seal);
    // A delay set for "fixed" has no meaning for another interval.
    if (settings.retry_interval !== undefined && settings.retry_interval !== 'fixed')
      columns.retry_delay_seconds = null;
    response.json(endpointView(await change(endpoint, columns)));
  });

  router.delete(`${base}/:id`, async (request, response) => {
    const endpoint = await find(request);
    await endpointStore.remove(endpoint.tenantId, endpoint.id);
    endpoints.drop(endpoint.tenantId);
    response.status(204).end();
  });

  router.post(`${base}/:id/enable`, async (request, response) => {
    const changed = await change(await find(request), { enabled: true, disabled_reason: null });
    response.json(endpointView(changed));
  });

  router.post(`${base}/:id/disable`, async (request, response) => {
    const changed = await change(await find(request), { enabled: false, disabled_reason: 'manual' });
    response.json(endpointView(changed));
  });

  router.post(`${base}/:id/secret/rotate`, async (request, response) => {
    const endpoint = await find(request);
    if (request.body === undefined) request.body = {};
    const { secret: given, grace_seconds: graceSeconds } = readBody(request, rotateSchema);
    const profile = profileOf(profiles, endpoint.profile);
    const secret = given ?? generateSecret(profile.secretFormat);
    if (secret === endpoint.secret)
      throw Problem.field('secret', 'is the current secret: give another, or leave it out');
    const validUntil = new Date(Date.now() + graceSeconds * 1000);
    const stillValid = endpoint.previousSecrets.filter((previous) => previous.validUntil > new Date());
    const replaced =
      endpoint.secret !== null && graceSeconds > 0 ? [{ secret: endpoint.secret, validUntil }] : [];
    await change(
      endpoint,
      sealedColumns(seal, { secret, previousSecrets: [...replaced, ...stillValid].slice(0, 5) }),
    );
    response.json({ secret, previous_valid_until: replaced.length > 0 ? validUntil : null });
  });

  router.post(`${base}/:id/test`, async (request, response) => {
    const endpoint = await find(request);
    if (!endpoint.enabled)
      throw new Problem(409, 'Endpoint disabled', 'Enable the endpoint before you test it.');
    if (request.body === undefined) request.body = {};
    const { type, data } = readBody(request, testSchema);
    const catalogue = profileOf(profiles, endpoint.profile).events;
    const fitting = catalogue.find((entry) =>
      type ? entry.type === type : matchesAny(endpoint.events, entry.type),
    );
    const example = fitting ?? catalogue[0];
    const event = {
      type: type ?? example?.type,
      data: data ?? example?.example ?? {},
      environment: endpoint.environments[0],
    };
    const accepted = await acceptor.publishTest(endpoint, parseEventInput(event, ''));
    response.status(202).json({ event_id: accepted.id, delivery_id: accepted.deliveryIds[0] });
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
