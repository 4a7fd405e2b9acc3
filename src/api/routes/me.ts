import type { Router } from 'express';
import { z } from 'zod';
import { countEventTypes } from '../../store/count-event-types.ts';
import { eventIdsByUid } from '../../store/list-events.ts';
import { credentialOf } from '../auth.ts';
import type { ApiContext } from '../context.ts';
import { readQuery, readTenant, time } from '../request.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;
const MOST_TYPES = 200;

export const countsSchema = z.strictObject({ since: time.optional() });

/** What a page for people has to know before it can show anything. */
export function meRoutes(router: Router, { config, profiles, listPool, temporalUi }: ApiContext): void {
  router.get('/v1/me', (_request, response) => {
    const { kind, id, name, scopes, tenantId } = credentialOf(response);
    response.json({
      kind,
      id,
      name,
      scopes: [...scopes],
      tenant_id: tenantId,
      environment: config.env,
      allows_unverified_tls: config.allowUnverifiedTls,
      /** For operators: whoever has a tenant alone has nothing to look for in Temporal. */
      temporal_ui: tenantId === null ? (temporalUi ?? null) : null,
    });
  });

  router.get('/v1/profiles', (_request, response) => {
    const data = profiles.names().map((name) => {
      const profile = profiles.get(name)!;
      return {
        name,
        description: profile.description,
        methods: profile.methods,
        timeout_seconds: profile.timeoutSeconds,
        max_retries: profile.schedule.maxRetries,
        retry_schedule_seconds: profile.schedule.delaysSeconds,
        exponential_seconds: profile.exponentialSeconds,
        jitter: profile.schedule.jitter,
        signature: profile.signature,
        headers: profile.headers,
        secret_format: profile.secretFormat,
        secret_optional: profile.secretOptional,
      };
    });
    response.json({ data });
  });

  router.get('/v1/tenants/:tenant/event-counts', async (request, response) => {
    const tenantId = readTenant(request);
    const { since } = readQuery(request, countsSchema);
    const earliest = Date.now() - MAX_DAYS * DAY_MS;
    const from = new Date(Math.max(since?.getTime() ?? Date.now() - 7 * DAY_MS, earliest));
    const { counts, isComplete } = await countEventTypes(listPool, tenantId, from);
    const shown = counts.slice(0, MOST_TYPES);
    const uids = shown.map(({ lastUid }) => lastUid);
    const ids = await eventIdsByUid(listPool, tenantId, uids);
    const data = shown.map(({ type, environment, events, lastUid }) => ({
      type,
      environment,
      events,
      last_event_id: ids.get(lastUid) ?? null,
    }));
    response.json({ since: from, is_complete: isComplete, data });
  });
}
