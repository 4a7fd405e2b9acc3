import type { EventInput } from '../accept/event-input.ts';
import { headersOf } from '../dispatch/exchange.ts';
import type { Endpoint } from '../domain.ts';
import { maskHeaders } from '../http/mask.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import { renderBody } from '../profiles/render.ts';
import { fieldOf } from '../templates/index.ts';
import type { ApiContext } from './context.ts';

/** The request that an attempt would send for this event; nothing is sent, and nothing stored. */
export async function previewOf(
  { profiles, templates }: Pick<ApiContext, 'profiles' | 'templates'>,
  endpoint: Endpoint,
  input: EventInput,
) {
  const profile = profiles.get(endpoint.profile);
  if (!profile || endpoint.unreadable !== null)
    throw Problem.field('endpoint', `nothing can be sent to it: ${endpoint.unreadable}`);
  const { tenantId, template } = endpoint;
  const event = {
    ...{ id: input.id ?? newId('evt'), tenantId, type: input.type, environment: input.environment },
    ...{ timestamp: input.timestamp ?? new Date(), data: input.dataJson },
  };
  const rendered = template && (await templates.tryOut(tenantId, template, event));
  if (rendered && 'failure' in rendered) throw Problem.field(fieldOf(template!), rendered.failure);
  const body = rendered ? rendered.body : renderBody(profile, event);
  const headers = headersOf(profile, { endpoint, event, deliveryId: newId('dlv') }, body, new Date());
  return { method: endpoint.method, headers: maskHeaders(headers, endpoint.headers), body };
}
